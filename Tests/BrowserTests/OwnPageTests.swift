import LocalCluster
import Testing

extension InBrowser {
    /// The page that the README shows, on an origin of its own; the points themselves are in `browser/own-page.mjs`.
    struct OwnPageTests {
        @Test("The README's page edits a document on its own origin, and its node is killed (G1, G6)", .inBrowser)
        func ownPage() async throws {
            let ports = try PortBlock()
            let origin = "http://127.0.0.1:\(ports.first)"
            try await withLocalCluster(nodes: 2, environment: ["COLLAB_ALLOWED_ORIGINS": origin]) { cluster in
                let nodes = await cluster.nodes
                let killed = try #require(try await cluster.process(of: nodes[0].id))
                try await InBrowser.check(
                    "own-page.mjs",
                    [
                        "--nodes", nodes.map(\.url).joined(separator: ","), "--port", "\(ports.first)",
                        "--kill-command", "kill -9 \(killed.pid)",
                    ],
                    points: 5)
            }
        }
    }
}
