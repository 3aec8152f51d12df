import ChaosHarness
import Nemeses
import Testing

@Suite("The faults of a seed")
struct FaultScheduleTests {
    private func scenario() throws -> Scenario {
        try Scenario(
            yaml: """
                summary: Both.
                duration: unlimited
                faults:
                  - {at: 7s, fault: node-kill, for: 2s}
                  - {every: 3s, from: 2s, until: 12s, fault: redis-flush}
                random:
                  every: 500ms..2s
                  for: 100ms..900ms
                  from: 1s
                  faults:
                    - {weight: 9, fault: node-pause, target: owner}
                    - {fault: postgres-restart}
                """, file: "both.yaml")
    }

    @Test("are the same each time, and begin alike however long one looks")
    func deterministic() throws {
        let scenario = try scenario()
        let long = FaultSchedule.faults(of: scenario, seed: 7, before: .seconds(60))
        #expect(FaultSchedule.faults(of: scenario, seed: 7, before: .seconds(60)) == long)
        let short = FaultSchedule.faults(of: scenario, seed: 7, before: .seconds(20))
        #expect(short == Array(long.prefix(short.count)) && short.count < long.count)
    }

    @Test("are others with another seed")
    func seeded() throws {
        let scenario = try scenario()
        let first = FaultSchedule.faults(of: scenario, seed: 1, before: .seconds(60))
        #expect(first.map(\.at) != FaultSchedule.faults(of: scenario, seed: 2, before: .seconds(60)).map(\.at))
    }

    @Test("come in the order of their times, numbered, as often and as long as the scenario says")
    func order() throws {
        let faults = FaultSchedule.faults(of: try scenario(), seed: 3, before: .seconds(300))
        #expect(faults.map(\.number) == Array(1...faults.count))
        #expect(zip(faults, faults.dropFirst()).allSatisfy { $0.at <= $1.at })
        let flushes = faults.filter { $0.specification.kind == .redisFlush }.map(\.at)
        #expect(flushes == [.seconds(2), .seconds(5), .seconds(8), .seconds(11)])
        #expect(faults.filter { $0.specification.kind == .nodeKill }.map(\.at) == [.seconds(7)])
        let drawn = faults.filter { [.nodePause, .postgresRestart].contains($0.specification.kind) }
        #expect(drawn.first?.at == .seconds(1))
        for (one, next) in zip(drawn, drawn.dropFirst()) {
            #expect((.milliseconds(500) ... .seconds(2)).contains(next.at - one.at))
        }
        for fault in drawn where fault.specification.kind == .nodePause {
            #expect((.milliseconds(100) ... .milliseconds(900)).contains(fault.lasting))
        }
        #expect(drawn.filter { $0.specification.kind == .postgresRestart }.allSatisfy { $0.lasting == .zero })
        let pauses = drawn.count { $0.specification.kind == .nodePause }
        #expect(pauses * 10 > drawn.count * 8 && pauses < drawn.count, "nine of ten are pauses")
        #expect(Set(faults.map(\.seed)).count == faults.count)
    }
}
