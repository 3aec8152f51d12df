import Foundation
import LocalCluster
import Testing

/// The editor page in a real browser on a real cluster; the points themselves are in `browser/two-windows.mjs`.
@Suite(.serialized)
struct TwoWindowsTests {
    private static let scripts = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("browser")

    @Test(
        "Two windows on two nodes edit one document, one node is killed, and no character is lost (G1, G2, G6, G7)",
        .enabled(if: ["chromedriver", "node"].allSatisfy { executable($0) != nil }, "needs chromium-driver and Node"))
    func aNodeIsKilledUnderTwoWindows() async throws {
        let node = try #require(executable("node"))
        try await withLocalCluster(nodes: 3) { cluster in
            let nodes = await cluster.nodes
            let killed = try #require(try await cluster.process(of: nodes[0].id))
            let output = try await Program(
                node,
                [
                    Self.scripts.appendingPathComponent("two-windows.mjs").path, "--first", nodes[0].url, "--second",
                    nodes[1].url, "--kill-command", "kill -9 \(killed.pid)",
                ]
            ).run(timeout: .seconds(180))
            let points = output.split(separator: "\n").filter { $0.hasPrefix("ok ") }
            #expect(points.count == 6, "\(output)")
        }
    }
}

/// The path of a program that can be run by its name.
func executable(_ name: String) -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    return folders.map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
}
