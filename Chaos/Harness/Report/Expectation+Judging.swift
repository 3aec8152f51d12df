internal import HistoryChecker
internal import Nemeses

extension ChaosReport.Expectation {
    /// Looks at everything that had to hold.
    static func all(
        _ expected: Expectations, _ observed: ObservedRun, _ history: HistoryReport, _ gaps: [ChaosReport.Gaps]
    ) -> [ChaosReport.Expectation] {
        var list: [ChaosReport.Expectation] = []
        func add(_ text: String, _ holds: Bool, _ detail: String = "") {
            list.append(ChaosReport.Expectation(text: text, holds: holds, detail: detail))
        }
        for verdict in history.verdicts {
            let name = verdict.guarantee.description
            let isWanted = expected.guarantees.contains(name)
            guard isWanted || verdict.outcome == .violated else { continue }
            let detail =
                verdict.outcome == .violated ? "violated \(verdict.violationCount) times" : verdict.outcome.rawValue
            add("\(name) \(verdict.guarantee.name)", verdict.outcome == .held, detail)
        }
        let operations = history.counts.acknowledgements
        add(
            "at least \(expected.operations) operations are acknowledged", operations >= expected.operations,
            "\(operations)")
        let done = observed.faults.count { $0.outcome == .done }
        add("at least \(expected.faults) faults happen", done >= expected.faults, "\(done)")
        let failed = observed.faults.compactMap { record -> String? in
            if case .failed(let reason) = record.outcome { "#\(record.number): \(reason)" } else { nil }
        }
        add("every fault is begun and undone as planned", failed.isEmpty, failed.joined(separator: "; "))
        add(
            "in the end every edit is durable and with everybody", observed.late.isEmpty,
            observed.late.prefix(5).joined(separator: "; "))
        add("no node ends by itself", observed.deadNodes.isEmpty, observed.deadNodes.joined(separator: ", "))
        let refusals = observed.counts.refusals.map { "\($0.value) times \($0.key)" }.sorted()
        add("no edit is refused", refusals.isEmpty, refusals.prefix(5).joined(separator: "; "))
        let endings = observed.counts.endings.map { "\($0.value) with \($0.key)" }.sorted()
        add("no session is ended for good", endings.isEmpty, endings.joined(separator: ", "))
        if let bound = expected.presenceGone {
            let late = observed.presence.filter { $0.lasting.map { $0 > bound } ?? true }
            let longest = observed.presence.compactMap(\.lasting).max()
            add(
                "the presence of clients that vanished is gone within \(bound.inSeconds.padded(1)) s",
                late.isEmpty && !observed.presence.isEmpty,
                late.isEmpty
                    ? "the longest took \((longest ?? .zero).inSeconds.padded(1)) s"
                    : late.map { "client-\($0.number)" }.joined(separator: ", "))
        }
        for (kind, bound) in expected.gaps.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let found = gaps.first { $0.kind == kind }
            let parts = [
                ("p50", bound.p50, found?.p50), ("p99", bound.p99, found?.p99), ("max", bound.maximum, found?.maximum),
            ]
            for case (let name, .some(let limit), let value) in parts {
                add(
                    "the \(name) of gaps under \(kind.rawValue) is at most \((limit.inSeconds * 1e3).padded(0)) ms",
                    value.map { $0 <= limit.microseconds } ?? false,
                    value.map { "\((Double($0) / 1e3).padded(1)) ms" } ?? "there was none")
            }
        }
        return list
    }
}
