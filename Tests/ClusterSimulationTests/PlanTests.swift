import Delta
import SimulationCommand
import Testing

@testable import ClusterSimulation

@Suite("What a seed decides")
struct PlanTests {
    @Test("a shorter run has the beginning of a longer one's faults", arguments: [1, 7, 42] as [UInt64])
    func prefix(seed: UInt64) {
        let long = FaultSchedule.all(SimulationPlan(seed: seed, hours: 1))
        let short = FaultSchedule.all(SimulationPlan(seed: seed, hours: 0.1))
        #expect(short.count < long.count)
        #expect(!short.isEmpty)
        for (one, other) in zip(short, long) {
            #expect(one.time == other.time)
            #expect("\(one.fault)" == "\(other.fault)")
        }
    }

    @Test("every kind of fault is drawn")
    func kinds() {
        var kinds: Set<String> = []
        for seed in 1...20 {
            kinds.formUnion(FaultSchedule.all(SimulationPlan(seed: UInt64(seed), hours: 1)).map(\.fault.kind))
        }
        #expect(kinds.count == 27, "\(kinds.sorted())")
    }

    @Test("made-up edits fit the document, keep its last newline, and keep it at a length", arguments: 1...20)
    func edits(seed: Int) throws {
        var typist = Typist(seed: UInt64(seed))
        var start = Delta()
        start.insert("\n")
        var content = try DocumentContent(start)
        var longest = 0
        for _ in 0..<2_000 {
            try content.apply(typist.edit(content))
            longest = max(longest, content.length)
            #expect(content.length > 0 && content.unit(at: content.length - 1) == 10)
        }
        #expect(longest > 100 && longest < 2_000)
    }

    @Test(
        "seeds are written in several forms",
        arguments: [
            ("7", [7]), ("3-5", [3, 4, 5]), ("1…3", [1, 2, 3]), ("1...2,9", [1, 2, 9]), ("4..4", [4]),
        ])
    func seeds(text: String, expected: [UInt64]) throws {
        let range = try #require(SeedRange(text))
        #expect(range.count == UInt64(expected.count))
        #expect((0..<range.count).map { range[$0] } == expected)
        #expect(range[range.count] == nil)
    }

    @Test("what is no seed is refused", arguments: ["", "a", "5-1", "1-2-3", "1,", "-1"])
    func noSeeds(text: String) { #expect(SeedRange(text) == nil) }
}
