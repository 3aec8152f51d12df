internal import HistoryChecker
internal import Nemeses

extension ChaosReport {
    /// The report as lines for a person.
    package var text: [String] {
        var lines = history.text(evidence: 5)
        let done = Dictionary(grouping: faults.filter { $0.outcome == .done }, by: \.kind)
        lines += ["", "faults"]
        for (kind, faults) in done.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            lines.append("  \(faults.count) \(kind.rawValue)")
        }
        if !gaps.isEmpty {
            lines += ["", "gaps of the documents that were met"]
            for gap in gaps {
                let figures = [gap.p50, gap.p99, gap.maximum].map { (Double($0) / 1e3).padded(1) }
                lines.append(
                    "  \(gap.kind.rawValue): p50 \(figures[0]) ms, p99 \(figures[1]) ms, max \(figures[2]) ms over "
                        + "\(gap.count) (\(gap.faults) faults)")
            }
        }
        lines += ["", "expected"]
        for expectation in expectations {
            let detail = expectation.detail.isEmpty ? "" : ": \(expectation.detail)"
            lines.append("  \(expectation.holds ? "yes" : "NO ") \(expectation.text)\(detail)")
        }
        lines += ["", "again: \(command)", isSound ? "everything held" : "NOT everything held"]
        return lines
    }
}
