import Randomness
import Testing

@testable import HistoryChecker

@Suite("A sound history with one thing changed")
struct CorruptionTests {
    @Test("breaks the promise that the change goes against", arguments: Corruption.all)
    func isFound(_ corruption: Corruption) throws {
        var applied = 0
        for seed in 0..<40 as Range<UInt64> {
            var random = SplitMix64(seed: seed)
            var events = try ReferenceCluster.history(seed: seed, steps: 150 + Int(seed) * 5)
            guard corruption.apply(&events, &random) else { continue }
            applied += 1
            let report = try HistoryChecker.report(events)
            #expect(
                report.violated.contains(corruption.guarantee),
                "seed \(seed)\n\(report.text().joined(separator: "\n"))")
        }
        #expect(applied >= 20, "the change could be made in \(applied) of 40 histories")
    }
}
