extension LoadReport {
    /// The report as lines for a person.
    package var table: [String] {
        var lines: [String] = []
        if !steps.isEmpty {
            lines.append("  offered/s   edits/s    ops/s    ack p50/p95 ms    lag p50/p95 ms   cpu")
            lines += steps.map { step in
                "  "
                    + [
                        Self.padded(step.offered, 9, 0), Self.padded(step.editsPerSecond, 9, 0),
                        Self.padded(step.operationsPerSecond, 8, 0),
                        Self.padded(step.ack?.p50, 9, 1) + Self.padded(step.ack?.p95, 9, 1),
                        Self.padded(step.lag?.p50, 9, 1) + Self.padded(step.lag?.p95, 9, 1),
                        Self.padded(step.cpu, 6, 2), step.isGood ? "" : "  passed",
                    ].joined(separator: " ")
            }
        }
        lines.append("                p50       p95       p99       max  ms")
        for (name, summary) in [("ack", ack), ("sync lag", lag), ("typed late", lateness)] {
            let values = [summary?.p50, summary?.p95, summary?.p99, summary?.max]
            lines.append(Self.name(name) + values.map { Self.padded($0, 10, 2) }.joined())
        }
        lines.append(
            "edits \(edits) (\(acknowledgedEdits) durable, \(Self.padded(editsPerSecond, 0, 1))/s) as \(operations) "
                + "operations, applied \(applied) times, in \(Self.padded(seconds, 0, 1)) s")
        lines.append(
            "errors \(errors)   reconnects \(reconnects)   resent \(resent)   "
                + "longest gap \(Self.padded(gapMilliseconds, 0, 1)) ms   generator \(Self.padded(generatorCPU, 0, 2)) cores"
        )
        lines.append(
            "\(converged ? "converged" : "NOT CONVERGED")   lost \(lost)   doubled \(doubled)"
                + (matchesTrace.map { $0 ? "   ends as the trace" : "   DOES NOT END AS THE TRACE" } ?? ""))
        lines += differences.map { "  ! \($0)" }
        lines += reasons.sorted { $0.key < $1.key }.map { "  \($0.value) x \($0.key)" }
        return lines
    }

    /// A second of the load as a line.
    package static func line(_ second: Second) -> String {
        "\(padded(Double(second.second), 4, 0)) s  \(padded(Double(second.acknowledgedEdits), 6, 0)) edits/s "
            + "\(padded(Double(second.operations), 6, 0)) ops/s  ack p95 \(padded(second.ack?.p95, 8, 1))  "
            + "lag p95 \(padded(second.lag?.p95, 8, 1)) ms  gap \(padded(second.gapMilliseconds, 7, 1)) ms  "
            + "cpu \(padded(second.cpu, 4, 2))"
            + (second.reconnects > 0 ? "  \(second.reconnects) reconnects" : "")
            + (second.errors > 0 ? "  \(second.errors) errors" : "")
    }

    private static func name(_ text: String) -> String {
        text + String(repeating: " ", count: max(0, 10 - text.count))
    }

    /// A number with so many decimal places, padded on the left.
    static func padded(_ value: Double?, _ width: Int, _ places: Int) -> String {
        guard let value else { return String(repeating: " ", count: max(0, width - 1)) + "-" }
        var scale = 1
        for _ in 0..<places { scale *= 10 }
        let scaled = Int((abs(value) * Double(scale)).rounded())
        var text = (value < 0 ? "-" : "") + String(scaled / scale)
        if places > 0 {
            let fraction = String(scaled % scale)
            text += "." + String(repeating: "0", count: places - fraction.count) + fraction
        }
        return String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
