/// What has been found and examined so far.
struct Findings: Sendable {
    private struct Entry: Sendable {
        var violations: [Violation] = []
        var count = 0
        var examined: [Verdict.Amount] = []
        var undecided: [Verdict.Amount] = []
    }

    /// How many violations of a promise are kept; the others are counted.
    let limit: Int
    private var entries = [Entry](repeating: Entry(), count: Guarantee.allCases.count)

    init(limit: Int) { self.limit = limit }

    mutating func report(
        _ rule: Violation.Rule, _ message: String, document: String, session: String? = nil,
        client: String? = nil, operationID: String? = nil, version: Int? = nil, lines: [Int]
    ) {
        let index = rule.guarantee.rawValue - 1
        entries[index].count += 1
        guard entries[index].violations.count < limit else { return }
        entries[index].violations.append(
            Violation(
                rule: rule, message: message, document: document, session: session, client: client,
                operationID: operationID, version: version, lines: lines))
    }

    mutating func examined(_ guarantee: Guarantee, _ what: String, _ count: Int) {
        Self.add(what, count, to: &entries[guarantee.rawValue - 1].examined)
    }

    mutating func undecided(_ guarantee: Guarantee, _ what: String, _ count: Int) {
        Self.add(what, count, to: &entries[guarantee.rawValue - 1].undecided)
    }

    private static func add(_ what: String, _ count: Int, to amounts: inout [Verdict.Amount]) {
        guard count > 0 else { return }
        if let index = amounts.firstIndex(where: { $0.what == what }) {
            amounts[index].count += count
        } else {
            amounts.append(Verdict.Amount(what: what, count: count))
        }
    }

    var verdicts: [Verdict] {
        Guarantee.allCases.map { guarantee in
            let entry = entries[guarantee.rawValue - 1]
            let outcome: Verdict.Outcome =
                entry.count > 0 ? .violated : entry.examined.isEmpty ? .notObserved : .held
            return Verdict(
                guarantee: guarantee, outcome: outcome, examined: entry.examined, undecided: entry.undecided,
                violations: entry.violations, violationCount: entry.count)
        }
    }
}
