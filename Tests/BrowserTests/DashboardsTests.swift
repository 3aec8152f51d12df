import Foundation
import LocalCluster
import Testing

/// The page that draws the dashboards, in a real browser; the points themselves are in `browser/dashboards.mjs`.
extension TwoWindowsTests {
    @Test(
        "The page draws every dashboard of a running cluster without an error",
        .enabled(if: ["chromedriver", "node"].allSatisfy { executable($0) != nil }, "needs chromium-driver and Node"))
    func dashboards() async throws {
        let node = try #require(executable("node"))
        try await withLocalCluster(nodes: 2, services: [.postgres, .redis, .prometheus]) { cluster in
            _ = try await cluster.prometheus.answer(to: "collab:ws_connections:sum")
            try await cluster.dashboards.start(asking: cluster.prometheus.url, with: nil)
            let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("browser/dashboards.mjs").path
            let output = try await Program(node, [script, "--url", cluster.dashboards.url]).run(timeout: .seconds(240))
            #expect(output.split(separator: "\n").filter { $0.hasPrefix("ok ") }.count == 11, "\(output)")
        }
    }
}
