import LocalCluster
import Testing

extension InBrowser {
    /// The page that draws the dashboards, in a real browser; the points themselves are in `browser/dashboards.mjs`.
    struct DashboardsTests {
        @Test("The page draws every dashboard of a running cluster without an error", .inBrowser)
        func dashboards() async throws {
            try await withLocalCluster(nodes: 2, services: [.postgres, .redis, .prometheus]) { cluster in
                _ = try await cluster.prometheus.answer(to: "collab:ws_connections:sum")
                try await cluster.dashboards.start(asking: cluster.prometheus.url, with: nil)
                try await InBrowser.check(
                    "dashboards.mjs", ["--url", cluster.dashboards.url], points: 11, within: .seconds(240))
            }
        }
    }
}
