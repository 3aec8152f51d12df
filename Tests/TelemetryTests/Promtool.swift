import Foundation
import LocalCluster

/// Prometheus's own checker.
enum Promtool {
    private static let path = "/usr/bin/promtool"

    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }

    /// What `promtool check metrics` complains about.
    static func check(_ exposition: [UInt8]) async throws -> String {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try Data(exposition).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        do {
            return try await Program("/bin/sh", ["-c", "exec \(path) check metrics < \(file.path)"]).run()
        } catch let error as LocalClusterError {
            return error.message
        }
    }
}
