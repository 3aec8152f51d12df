import Foundation
import LocalCluster

/// The program that runs simulations: a process of its own, because the hook that a simulation needs is the process's.
enum SimulationProgram {
    /// Runs it with arguments; throws with what it printed when it does not end with status 0.
    static func run(_ arguments: [String], timeout: Duration = .seconds(240)) async throws -> String {
        // Both are built into the same directory.
        let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let program = URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("collab-simulate")
        return try await Program(program.path, arguments).run(timeout: timeout)
    }

    /// The line of a report that begins with a word.
    static func line(_ word: String, of report: String) -> Substring? {
        report.split(separator: "\n").first { $0.hasPrefix(word) }
    }
}
