internal import JSON

extension HistoryReport {
    /// The report as one JSON object, `collab.verdict.v1` (HISTORY.md, "The report").
    package var jsonUTF8: [UInt8] {
        var writer = JSONWriter(capacity: 4_096)
        writer.beginObject()
        writer.key("report")
        writer.string("collab.verdict.v1")
        writer.key("sound")
        writer.bool(isSound)
        writer.key("microseconds")
        writer.int(counts.microseconds)
        writer.key("counts")
        writer.amounts(counts.list)
        writer.key("guarantees")
        writer.beginArray()
        for verdict in verdicts { writer.verdict(verdict) }
        writer.endArray()
        writer.key("latencyMicroseconds")
        writer.percentiles(latency)
        writer.key("gaps")
        writer.beginArray()
        for figures in gaps {
            writer.beginObject()
            writer.key("kind")
            writer.string(figures.kind)
            writer.key("faults")
            writer.int(figures.faults)
            writer.key("open")
            writer.int(figures.open)
            writer.key("microseconds")
            writer.percentiles(figures.microseconds)
            writer.endObject()
        }
        writer.endArray()
        writer.key("gapSamples")
        writer.beginArray()
        for sample in gapSamples { writer.sample(sample) }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func amounts(_ amounts: [Verdict.Amount]) {
        beginObject()
        for amount in amounts {
            key(string: amount.what)
            int(amount.count)
        }
        endObject()
    }

    fileprivate mutating func percentiles(_ values: Percentiles) {
        beginObject()
        key("count")
        int(values.count)
        key("p50")
        int(values.p50)
        key("p99")
        int(values.p99)
        key("max")
        int(values.max)
        endObject()
    }

    fileprivate mutating func sample(_ sample: GapSample) {
        beginObject()
        key("fault")
        string(sample.fault)
        key("kind")
        string(sample.kind)
        key("document")
        string(sample.document)
        key("microseconds")
        int(sample.microseconds)
        key("open")
        bool(sample.isOpen)
        endObject()
    }

    fileprivate mutating func verdict(_ verdict: Verdict) {
        beginObject()
        key("guarantee")
        string(verdict.guarantee.description)
        key("name")
        string(verdict.guarantee.name)
        key("outcome")
        string(verdict.outcome.rawValue)
        key("examined")
        amounts(verdict.examined)
        key("undecided")
        amounts(verdict.undecided)
        if let blindness = verdict.guarantee.blindness {
            key("notDecided")
            string(blindness)
        }
        key("violationCount")
        int(verdict.violationCount)
        key("violations")
        beginArray()
        for violation in verdict.violations { self.violation(violation) }
        endArray()
        endObject()
    }

    private mutating func violation(_ violation: Violation) {
        beginObject()
        key("rule")
        string(violation.rule.rawValue)
        key("message")
        string(violation.message)
        key("document")
        string(violation.document)
        optional("session", violation.session)
        optional("client", violation.client)
        optional("operationId", violation.operationID)
        if let version = violation.version {
            key("version")
            int(version)
        }
        key("lines")
        beginArray()
        for line in violation.lines { int(line) }
        endArray()
        endObject()
    }

    private mutating func optional(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        key(name)
        string(value)
    }
}
