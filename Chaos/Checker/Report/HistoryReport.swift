/// What a checker says about a history.
package struct HistoryReport: Hashable, Sendable {
    package var counts: HistoryCounts
    /// One of each promise, in order.
    package var verdicts: [Verdict]
    /// The gaps, by kind of fault, in order of the kinds' names.
    package var gaps: [GapFigures]
    /// Every gap: one for each fault and document that was under load.
    package var gapSamples: [GapSample]
    /// From the first submission of an operation to its first ack, in microseconds.
    package var latency: Percentiles

    /// Whether nothing was violated. What was not observed does not count against a history.
    package var isSound: Bool { verdicts.allSatisfy { $0.outcome != .violated } }

    package subscript(guarantee: Guarantee) -> Verdict { verdicts[guarantee.rawValue - 1] }
}

/// How much a history holds.
package struct HistoryCounts: Hashable, Sendable {
    package var events = 0
    package var documents = 0
    package var sessions = 0
    package var submissions = 0
    package var acknowledgements = 0
    package var operationsSeen = 0
    package var contents = 0
    package var rows = 0
    package var faults = 0
    package var failures = 0
    package var presences = 0
    /// From the first event to the last.
    package var microseconds: Int64 = 0

    /// Each count with its name.
    package var list: [Verdict.Amount] {
        [
            ("events", events), ("documents", documents), ("sessions", sessions), ("submissions", submissions),
            ("acknowledgements", acknowledgements), ("operations seen", operationsSeen), ("contents", contents),
            ("rows", rows), ("faults", faults), ("errors", failures), ("presences", presences),
        ].map { Verdict.Amount(what: $0.0, count: $0.1) }
    }
}

/// A gap: how long, of a document, no session on a node that a fault spared was acknowledged anything while one waited.
package struct GapSample: Hashable, Sendable {
    package var fault: String
    package var kind: String
    package var document: String
    package var microseconds: Int64
    /// Whether the history ended before the next ack, so that the gap is at least so long.
    package var isOpen: Bool
}

/// The gaps of one kind of fault.
package struct GapFigures: Hashable, Sendable {
    package var kind: String
    package var faults: Int
    package var microseconds: Percentiles
    /// How many had no end.
    package var open: Int
}

/// The usual figures of a number of values; 0 when there are none.
package struct Percentiles: Hashable, Sendable {
    package var count: Int
    package var p50: Int64
    package var p99: Int64
    package var max: Int64

    /// The figures of values in any order, each the smallest value that at least so many are not above.
    package init(_ values: [Int64]) {
        let sorted = values.sorted()
        func rank(_ percent: Int) -> Int64 {
            guard !sorted.isEmpty else { return 0 }
            return sorted[Swift.max(0, (sorted.count * percent + 99) / 100 - 1)]
        }
        count = sorted.count
        p50 = rank(50)
        p99 = rank(99)
        max = sorted.last ?? 0
    }
}
