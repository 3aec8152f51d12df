import LocalCluster
import Testing

extension InBrowser {
    /// The editor page in a real browser on a real cluster; the points themselves are in `browser/two-windows.mjs`.
    struct TwoWindowsTests {
        @Test(
            "Two windows on two nodes edit one document, one node is killed, and no character is lost (G1, G2, G6, G7)",
            .inBrowser)
        func aNodeIsKilledUnderTwoWindows() async throws {
            try await withLocalCluster(nodes: 3) { cluster in
                let nodes = await cluster.nodes
                let killed = try #require(try await cluster.process(of: nodes[0].id))
                try await InBrowser.check(
                    "two-windows.mjs",
                    ["--first", nodes[0].url, "--second", nodes[1].url, "--kill-command", "kill -9 \(killed.pid)"],
                    points: 6)
            }
        }
    }
}
