import LocalCluster
import Testing

extension InBrowser {
    /// The operators' console on a real cluster; the points themselves are in `browser/console.mjs`.
    struct ConsoleTests {
        @Test("The console shows the cluster, drains a node, and follows when its own node is killed", .inBrowser)
        func theConsolesNodeIsKilled() async throws {
            try await withLocalCluster(nodes: 3) { cluster in
                let nodes = await cluster.nodes
                let killed = try #require(try await cluster.process(of: nodes[0].id))
                let urls = nodes.map(\.url).joined(separator: ",")
                try await InBrowser.check(
                    "console.mjs", ["--nodes", urls, "--kill-command", "kill -9 \(killed.pid)"], points: 9)
            }
        }

        @Test("Who is no operator is told so and shown nothing", .inBrowser)
        func strangers() async throws {
            try await withLocalCluster(nodes: 1, environment: ["COLLAB_OPERATORS": "ops"]) { cluster in
                let url = try #require(await cluster.nodes.first).url
                try await InBrowser.check("console-refused.mjs", ["--node", url, "--operator", "ops"], points: 3)
            }
        }
    }
}
