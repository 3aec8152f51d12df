import CollabModel
import JSON

extension LoadReport {
    /// The report as JSON in UTF-8.
    package var jsonUTF8: [UInt8] {
        var writer = JSONWriter(capacity: 4_096)
        writer.beginObject()
        writer.key("ack_ms")
        writer.summary(ack)
        writer.key("lag_ms")
        writer.summary(lag)
        writer.key("edits_per_second")
        writer.rounded(editsPerSecond)
        writer.key("edits")
        writer.int(edits)
        writer.key("operations")
        writer.int(operations)
        writer.key("errors")
        writer.int(errors)
        writer.key("reconnects")
        writer.int(reconnects)
        writer.key("converged")
        writer.bool(converged)
        writer.key("lost")
        writer.int(lost)
        writer.key("doubled")
        writer.int(doubled)
        writer.key("gap_ms")
        writer.rounded(gapMilliseconds)
        writer.key("generator_cpu")
        writer.rounded(generatorCPU)
        writeDetails(to: &writer)
        writeTimeline(to: &writer)
        writer.endObject()
        return writer.bytes
    }

    private func writeDetails(to writer: inout JSONWriter) {
        writer.key("setup")
        writer.beginObject()
        writer.key("editors")
        writer.int(plan.editors)
        writer.key("typists")
        writer.int(plan.typing)
        writer.key("documents")
        writer.beginArray()
        for document in documents { writer.string(document.description) }
        writer.endArray()
        writer.key("rate")
        writer.double(plan.rate)
        writer.key("seconds")
        writer.rounded(seconds)
        writer.key("characters")
        writer.int(plan.characters)
        writer.key("runs")
        writer.int(plan.runs)
        writer.key("seed")
        writer.int(plan.seed)
        writer.key("threads")
        writer.int(plan.threads)
        if let trace = plan.trace {
            writer.key("trace")
            writer.string(trace)
        }
        writer.endObject()
        writer.key("details")
        writer.beginObject()
        writer.key("acknowledged_edits")
        writer.int(acknowledgedEdits)
        writer.key("applied")
        writer.int(applied)
        writer.key("resent")
        writer.int(resent)
        writer.key("typing_late_ms")
        writer.summary(lateness)
        if let matchesTrace {
            writer.key("matches_trace")
            writer.bool(matchesTrace)
        }
        writer.key("differences")
        writer.beginArray()
        for difference in differences { writer.string(difference) }
        writer.endArray()
        writer.key("reasons")
        writer.beginObject()
        for (reason, count) in reasons.sorted(by: { $0.key < $1.key }) {
            writer.key(string: reason)
            writer.int(count)
        }
        writer.endObject()
        writer.endObject()
    }

    private func writeTimeline(to writer: inout JSONWriter) {
        writer.key("timeline")
        writer.beginArray()
        for second in timeline {
            writer.beginObject()
            writer.key("second")
            writer.int(second.second)
            writer.key("edits")
            writer.int(second.edits)
            writer.key("acknowledged_edits")
            writer.int(second.acknowledgedEdits)
            writer.key("operations")
            writer.int(second.operations)
            writer.key("ack_ms")
            writer.summary(second.ack)
            writer.key("lag_ms")
            writer.summary(second.lag)
            writer.key("gap_ms")
            writer.rounded(second.gapMilliseconds)
            writer.key("errors")
            writer.int(second.errors)
            writer.key("reconnects")
            writer.int(second.reconnects)
            writer.key("generator_cpu")
            writer.rounded(second.cpu)
            writer.endObject()
        }
        writer.endArray()
        guard !steps.isEmpty else { return }
        writer.key("ramp")
        writer.beginArray()
        for step in steps {
            writer.beginObject()
            writer.key("offered")
            writer.rounded(step.offered)
            writer.key("edits_per_second")
            writer.rounded(step.editsPerSecond)
            writer.key("operations_per_second")
            writer.rounded(step.operationsPerSecond)
            writer.key("ack_ms")
            writer.summary(step.ack)
            writer.key("lag_ms")
            writer.summary(step.lag)
            writer.key("generator_cpu")
            writer.rounded(step.cpu)
            writer.key("good")
            writer.bool(step.isGood)
            writer.endObject()
        }
        writer.endArray()
    }
}

extension JSONWriter {
    /// Writes a number with three decimal places at most.
    fileprivate mutating func rounded(_ value: Double) { double((value * 1_000).rounded() / 1_000) }

    /// Writes `{p50, p95, p99, max}`, or `null` where nothing was measured.
    fileprivate mutating func summary(_ summary: LatencySummary?) {
        guard let summary else { return null() }
        beginObject()
        key("p50")
        rounded(summary.p50)
        key("p95")
        rounded(summary.p95)
        key("p99")
        rounded(summary.p99)
        key("max")
        rounded(summary.max)
        endObject()
    }
}
