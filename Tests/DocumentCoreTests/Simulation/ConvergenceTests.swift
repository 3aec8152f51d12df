import CollabModel
import Delta
import DocumentCore
import Foundation
import Testing

@Suite("A document's machines on a network that fails")
struct ConvergenceTests {
    /// How many times the usual number of seeds is run: `COLLAB_SEEDS=100` for a campaign.
    static let scale = ProcessInfo.processInfo.environment["COLLAB_SEEDS"].flatMap { UInt64($0) } ?? 1

    static func check(from first: UInt64, count: UInt64 = 8, _ faults: Arena.Faults, limits: DocumentLimits = .init()) {
        for seed in first..<first + count * scale {
            let arena = Arena(seed: seed, faults: faults, limits: limits)
            arena.run(edits: 120, seconds: 3)
            let verdict = arena.verdict()
            #expect(verdict.isEmpty, "seed \(seed): \(verdict.prefix(4).joined(separator: "; "))")
            #expect(arena.log.head.value > 0, "seed \(seed): nothing was edited")
        }
    }

    @Test("Without faults everybody converges and every edit is there once")
    func withoutFaults() { Self.check(from: 0, .init()) }

    @Test("Cut connections and streams lose and double nothing")
    func cuts() { Self.check(from: 100_000, .init(cuts: true, deletes: true)) }

    @Test("A dead owner loses and doubles nothing")
    func kills() { Self.check(from: 200_000, .init(kills: true)) }

    @Test("An owner that was stopped and goes on as a zombie changes nothing")
    func zombies() { Self.check(from: 300_000, .init(zombies: true)) }

    @Test("Handing the document over loses and doubles nothing, also when the answer is lost")
    func handOffs() { Self.check(from: 400_000, .init(handOffs: true)) }

    @Test("A log that cannot be reached delays edits and loses none")
    func logOutages() { Self.check(from: 500_000, .init(logOutages: true, lapses: true)) }

    @Test("Sessions that take nothing for a while see the same document")
    func slowSessions() { Self.check(from: 600_000, .init(slowSessions: true, deletes: true)) }

    @Test("All faults together leave every guarantee true")
    func everything() {
        let all = Arena.Faults(
            cuts: true, kills: true, zombies: true, handOffs: true, logOutages: true, slowSessions: true, lapses: true,
            deletes: false)
        Self.check(from: 1_000_000, count: 24, all)
    }

    @Test("All faults together and windows so short that the log is read back all the time")
    func shortWindows() {
        var limits = DocumentLimits()
        limits.windowOperations = 4
        limits.portionOperations = 3
        limits.snapshotOperations = 5
        limits.snapshotIntervalMilliseconds = 100
        let all = Arena.Faults(
            cuts: true, kills: true, zombies: true, handOffs: true, logOutages: true, slowSessions: true, lapses: true,
            deletes: true)
        Self.check(from: 2_000_000, count: 16, all, limits: limits)
    }
}
