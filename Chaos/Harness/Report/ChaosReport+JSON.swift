internal import HistoryChecker
internal import JSON
internal import Nemeses

extension ChaosReport {
    /// The report as one JSON object, `collab.chaos.v1`. Times in seconds from the beginning of the load, latencies and
    /// gaps in milliseconds.
    package var jsonUTF8: [UInt8] {
        var writer = JSONWriter(capacity: 64 << 10)
        writer.beginObject()
        writer.key("report")
        writer.string("collab.chaos.v1")
        writer.key("scenario")
        writer.string(scenario.name)
        writer.key("summary")
        writer.string(scenario.summary)
        writer.key("event")
        if let event = scenario.event { writer.string(event) } else { writer.null() }
        writer.key("seed")
        // A number of JavaScript holds 53 bits.
        writer.string(String(seed))
        writer.key("command")
        writer.string(command)
        writer.key("startedAt")
        writer.int(Int64((observed.wallOffset + Double(observed.startedAt) / 1e6) * 1e3))
        writer.key("seconds")
        writer.double(seconds.rounded(to: 3))
        writer.key("sound")
        writer.bool(isSound)
        writer.key("nodes")
        writer.int(scenario.nodes)
        writer.key("documents")
        writer.int(scenario.workload.documents)
        writer.key("editors")
        writer.int(scenario.workload.editors)
        writer.key("rate")
        writer.double(scenario.workload.rate)
        write(counts: &writer)
        write(expectations: &writer)
        write(verdicts: &writer)
        write(gaps: &writer)
        write(faults: &writer)
        write(timeline: &writer)
        writer.endObject()
        return writer.bytes
    }

    private func write(counts writer: inout JSONWriter) {
        let counts = observed.counts
        writer.key("counts")
        writer.beginObject()
        for (name, count) in [
            ("submitted", counts.submitted), ("resent", counts.resent), ("acknowledged", counts.acknowledged),
            ("reconnects", counts.reconnects), ("degraded", counts.degraded),
        ] {
            writer.key(string: name)
            writer.int(count)
        }
        writer.key("errors")
        writer.beginObject()
        for (code, count) in counts.errors.sorted(by: { $0.key < $1.key }) {
            writer.key(string: code)
            writer.int(count)
        }
        writer.endObject()
        writer.endObject()
        writer.key("history")
        writer.beginObject()
        for amount in history.counts.list {
            writer.key(string: amount.what)
            writer.int(amount.count)
        }
        writer.endObject()
        writer.key("latency")
        writer.beginObject()
        writer.milliseconds("p50", history.latency.p50)
        writer.milliseconds("p99", history.latency.p99)
        writer.milliseconds("max", history.latency.max)
        writer.endObject()
    }

    private func write(expectations writer: inout JSONWriter) {
        writer.key("expectations")
        writer.beginArray()
        for expectation in expectations {
            writer.beginObject()
            writer.key("text")
            writer.string(expectation.text)
            writer.key("holds")
            writer.bool(expectation.holds)
            writer.key("detail")
            writer.string(expectation.detail)
            writer.endObject()
        }
        writer.endArray()
    }

    private func write(verdicts writer: inout JSONWriter) {
        writer.key("verdicts")
        writer.beginArray()
        for verdict in history.verdicts {
            writer.beginObject()
            writer.key("guarantee")
            writer.string(verdict.guarantee.description)
            writer.key("name")
            writer.string(verdict.guarantee.name)
            writer.key("outcome")
            writer.string(verdict.outcome.rawValue)
            writer.key("examined")
            writer.string(verdict.examined.map { "\($0.count) \($0.what)" }.joined(separator: ", "))
            writer.key("violations")
            writer.int(verdict.violationCount)
            writer.key("evidence")
            writer.beginArray()
            for violation in verdict.violations.prefix(20) { write(violation, &writer) }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
    }

    private func write(_ violation: Violation, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("rule")
        writer.string(violation.rule.rawValue)
        writer.key("message")
        writer.string(violation.message)
        writer.key("document")
        writer.string(violation.document)
        for (name, value) in [
            ("session", violation.session), ("client", violation.client), ("operation", violation.operationID),
            ("version", violation.version.map { String($0) }),
        ] {
            guard let value else { continue }
            writer.key(string: name)
            writer.string(value)
        }
        writer.key("lines")
        writer.beginArray()
        for line in violation.lines { writer.int(line) }
        writer.endArray()
        writer.endObject()
    }

    private func write(gaps writer: inout JSONWriter) {
        writer.key("gaps")
        writer.beginArray()
        for gap in gaps {
            writer.beginObject()
            writer.key("kind")
            writer.string(gap.kind.rawValue)
            writer.key("faults")
            writer.int(gap.faults)
            writer.key("count")
            writer.int(gap.count)
            writer.key("open")
            writer.int(gap.open)
            writer.milliseconds("p50", gap.p50)
            writer.milliseconds("p99", gap.p99)
            writer.milliseconds("max", gap.maximum)
            writer.endObject()
        }
        writer.endArray()
    }

    private func write(faults writer: inout JSONWriter) {
        writer.key("faults")
        writer.beginArray()
        for fault in faults {
            writer.beginObject()
            writer.key("number")
            writer.int(fault.number)
            writer.key("kind")
            writer.string(fault.kind.rawValue)
            writer.key("text")
            writer.string(fault.description)
            for (name, time) in [("from", fault.beganAt), ("until", fault.liftedAt), ("over", fault.endedAt)] {
                writer.key(string: name)
                writer.double((Double(time - observed.startedAt) / 1e6).rounded(to: 3))
            }
            writer.key("outcome")
            switch fault.outcome {
            case .done: writer.string("done")
            case .skipped(let reason): writer.string("left out: \(reason)")
            case .failed(let reason): writer.string("failed: \(reason)")
            }
            writer.endObject()
        }
        writer.endArray()
    }

    private func write(timeline writer: inout JSONWriter) {
        writer.key("timeline")
        writer.beginObject()
        writer.key("step")
        writer.double(timeline.stepSeconds)
        let series: [(StaticString, (Timeline.Step) -> Double?)] = [
            ("rate", { Double($0.operations) / timeline.stepSeconds }),
            ("p50", { $0.p50.map { Double($0) / 1e3 } }), ("p99", { $0.p99.map { Double($0) / 1e3 } }),
            ("max", { $0.maximum.map { Double($0) / 1e3 } }),
        ]
        for (name, value) in series {
            writer.key(name)
            writer.beginArray()
            for step in timeline.steps {
                if let number = value(step) { writer.double(number.rounded(to: 2)) } else { writer.null() }
            }
            writer.endArray()
        }
        writer.endObject()
    }
}

extension JSONWriter {
    fileprivate mutating func milliseconds(_ name: StaticString, _ microseconds: Int64) {
        key(name)
        double((Double(microseconds) / 1e3).rounded(to: 2))
    }
}

extension Double {
    fileprivate func rounded(to digits: Int) -> Double {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        return (self * scale).rounded() / scale
    }
}
