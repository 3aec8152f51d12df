import Foundation
import LocalCluster
import Testing

/// Tests that drive a browser on a cluster of their own: one after the other, since each takes the whole machine.
@Suite(.serialized)
enum InBrowser {
    /// Runs a script of `browser/` and checks that it found so many points, every one of them "ok".
    static func check(
        _ script: String, _ arguments: [String], points: Int, within limit: Duration = .seconds(180),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let node = try #require(executable("node"))
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "browser/\(script)"
        )
        .path
        let output = try await Program(node, [path] + arguments).run(timeout: limit)
        let found = output.split(separator: "\n").filter { $0.hasPrefix("ok ") }
        #expect(found.count == points, "\(output)", sourceLocation: sourceLocation)
    }
}

extension Trait where Self == ConditionTrait {
    /// Runs the test only where there is a browser that can be driven.
    static var inBrowser: Self {
        .enabled(if: ["chromedriver", "node"].allSatisfy { executable($0) != nil }, "needs chromium-driver and Node")
    }
}

/// The path of a program that can be run by its name.
func executable(_ name: String) -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
}
