import Foundation
import LocalCluster
import Testing

/// Runs the program, expects how it ends, and answers what it printed.
@discardableResult
func collab(_ arguments: [String], status: Int32 = 0) async throws -> String {
    try await withFile("") { log in
        let process = try Program(ClusterPlan().executable, arguments).start(log: log)
        let exit = await process.exit(within: .seconds(20))
        if exit == nil { try process.send(.kill) }
        let output = try String(contentsOfFile: log, encoding: .utf8)
        #expect(exit == .status(status << 8), "\(output)")
        return output
    }
}

/// A file with this text for the time of `body`.
func withFile(_ text: String, _ body: (String) async throws -> String) async throws -> String {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}
