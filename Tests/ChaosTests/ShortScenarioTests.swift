import ChaosHarness
import Foundation
import Nemeses
import Testing

/// Real clusters that real faults meet: one at a time.
@Suite("Under a real fault", .serialized, .timeLimit(.minutes(4)))
struct ShortScenarioTests {
    /// Where libfaketime is installed.
    private static var clocks: [(String, String)] {
        guard ShiftedClocks.areAvailable else { return [] }
        return [("clocks", "{at: 3s, fault: clock-shift, target: redis, offset: 30s, for: 3s}")]
    }

    @Test(
        "every promise is kept that can be seen: G1 to G7",
        arguments: [
            ("owner-killed", "{at: 3s, fault: node-kill, target: owner, for: 3s}"),
            ("postgres-restarted", "{at: 3s, fault: postgres-restart}"),
            ("rabbitmq-gone", "{at: 3s, fault: rabbitmq-kill, for: 4s}"),
            ("zombie", "{at: 3s, fault: node-pause, target: owner, for: 4s}"),
        ] + clocks)
    func kept(name: String, fault: String) async throws {
        let scenario = try Scenario(
            yaml: """
                summary: The short form of \(name).
                duration: 11s
                workload: {documents: 2, editors: 12, rate: 8, presence: true, reconnecting: 1}
                faults:
                  - \(fault)
                expect: {operations: 200, faults: 1, guarantees: [G1, G2, G3, G4, G5, G6, G7]}
                """, file: "\(name).yaml")
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("chaos-\(UUID().uuidString)").path
        let seed = UInt64.random(in: 1...999_999)
        let lines = Lines()
        let run = ChaosRun(
            scenario, ChaosRun.Options(directory: directory, seed: seed, command: "\(name) with seed \(seed)")
        ) { lines.add($0) }
        let report = try await run.run()
        let text = (lines.all + report.text).joined(separator: "\n")
        #expect(report.isSound, "seed \(seed); the history is in \(directory)\n\(text)")
        if report.isSound { try FileManager.default.removeItem(atPath: directory) }
    }
}
