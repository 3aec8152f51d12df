extension HistoryReport {
    /// The report as lines for a person.
    ///
    /// - Parameter evidence: how many violations of each promise are shown.
    package func text(evidence: Int = 10) -> [String] {
        var lines: [String] = []
        let held = counts.list.filter { $0.count > 0 }.map { "\($0.count) \($0.what)" }
        lines.append("\(held.joined(separator: ", ")) in \(Self.duration(counts.microseconds))")
        lines.append("")
        for verdict in verdicts { lines += Self.lines(of: verdict, evidence: evidence) }
        if latency.count > 0 {
            lines += ["", "ack latency: \(Self.figures(latency)) over \(latency.count) operations"]
        }
        if !gaps.isEmpty {
            lines += ["", "gaps by kind of fault"]
            for figures in gaps {
                let open = figures.open > 0 ? ", \(figures.open) without an end" : ""
                lines.append(
                    "  \(figures.kind): \(Self.figures(figures.microseconds)) over \(figures.microseconds.count)"
                        + " (\(figures.faults) faults\(open))")
            }
        }
        lines += ["", isSound ? "sound: nothing that was examined breaks a promise" : "not sound"]
        return lines
    }

    private static func lines(of verdict: Verdict, evidence: Int) -> [String] {
        let examined = verdict.examined.map { "\($0.count) \($0.what)" }.joined(separator: ", ")
        let title = "\(verdict.guarantee) \(verdict.guarantee.name)"
        let count = verdict.outcome == .violated ? " \(verdict.violationCount) times" : ""
        var lines = [
            "\(pad(title, 18)) \(verdict.outcome.rawValue)\(count)\(examined.isEmpty ? "" : " (\(examined))")"
        ]
        for violation in verdict.violations.prefix(evidence) {
            let places = violation.lines.map(String.init).joined(separator: ", ")
            lines.append("    \(violation.rule.rawValue): \(violation.message)")
            lines.append("      document \(violation.document)\(details(violation)), lines \(places)")
        }
        if verdict.violationCount > evidence, verdict.outcome == .violated {
            lines.append("    … and \(verdict.violationCount - min(evidence, verdict.violations.count)) more")
        }
        for amount in verdict.undecided { lines.append("    undecided: \(amount.count) \(amount.what)") }
        return lines
    }

    private static func details(_ violation: Violation) -> String {
        var text = ""
        if let version = violation.version { text += ", version \(version)" }
        if let session = violation.session { text += ", session \(session)" }
        if let client = violation.client { text += ", client \(client)" }
        if let id = violation.operationID { text += ", operation \(id)" }
        return text
    }

    private static func figures(_ values: Percentiles) -> String {
        "p50 \(duration(values.p50)), p99 \(duration(values.p99)), max \(duration(values.max))"
    }

    /// Microseconds as they are, as milliseconds with a tenth, or as seconds, whichever is readable.
    static func duration(_ microseconds: Int64) -> String {
        if microseconds < 1_000 { return "\(microseconds) µs" }
        if microseconds < 10_000_000 { return "\(microseconds / 1_000).\(microseconds % 1_000 / 100) ms" }
        return "\(microseconds / 1_000_000) s"
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
