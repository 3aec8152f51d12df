internal import Foundation
package import HistoryChecker
package import Nemeses

/// What came of a run: the verdicts, and the figures that go with them.
package struct ChaosReport: Sendable {
    /// Something that had to hold.
    package struct Expectation: Sendable, Hashable {
        package var text: String
        package var holds: Bool
        package var detail: String
    }

    /// The gaps of the documents that faults of a kind met.
    package struct Gaps: Sendable, Hashable {
        package var kind: FaultKind
        package var faults: Int
        /// How many gaps are counted: one for each fault and document that it met.
        package var count: Int
        /// In microseconds.
        package var p50: Int64
        package var p99: Int64
        package var maximum: Int64
        /// How many were not over when the history ended.
        package var open: Int
    }

    package let scenario: Scenario
    package let seed: UInt64
    package let command: String
    /// How long people typed.
    package let seconds: Double
    package let history: HistoryReport
    package let faults: [FaultRecord]
    package let gaps: [Gaps]
    package let expectations: [Expectation]
    let observed: ObservedRun
    let timeline: Timeline

    /// Whether everything held that had to.
    package var isSound: Bool { expectations.allSatisfy(\.holds) }

    init(
        _ scenario: Scenario, _ options: ChaosRun.Options, _ observed: ObservedRun, history: HistoryReport
    ) {
        self.scenario = scenario
        seed = options.seed
        command = options.command
        seconds = observed.seconds
        self.history = history
        self.observed = observed
        faults = observed.faults
        gaps = Self.gaps(observed.faults, history.gapSamples)
        timeline = Timeline(observed.acks, from: observed.startedAt, seconds: observed.seconds)
        expectations = Expectation.all(scenario.expectations, observed, history, gaps)
    }

    /// Of a fault that met some documents only, the gaps of the others say nothing.
    private static func gaps(_ faults: [FaultRecord], _ samples: [GapSample]) -> [Gaps] {
        let byName = Dictionary(uniqueKeysWithValues: faults.map { ("fault-\($0.number)", $0) })
        let met = samples.filter { sample in
            guard let fault = byName[sample.fault] else { return false }
            return fault.documents?.contains(sample.document) ?? true
        }
        return Dictionary(grouping: met, by: \.kind).compactMap { name, samples in
            guard let kind = FaultKind(rawValue: name) else { return nil }
            let sorted = samples.map(\.microseconds).sorted()
            return Gaps(
                kind: kind, faults: Set(samples.map(\.fault)).count, count: sorted.count,
                p50: sorted.percentile(0.5) ?? 0, p99: sorted.percentile(0.99) ?? 0, maximum: sorted.last ?? 0,
                open: samples.count { $0.isOpen })
        }.sorted { $0.kind.rawValue < $1.kind.rawValue }
    }

    /// Writes `report.html`, `report.json` and `verdict.json` into a directory.
    package func write(to directory: String) throws {
        let json = jsonUTF8
        try Data(json).write(to: URL(fileURLWithPath: directory + "/report.json"))
        try Data(history.jsonUTF8 + [10]).write(to: URL(fileURLWithPath: directory + "/verdict.json"))
        let page = ReportPage(title: scenario.name, json: json).html
        try Data(page.utf8).write(to: URL(fileURLWithPath: directory + "/report.html"))
    }
}
