import Foundation
import Testing

@testable import LocalCluster

@Suite("Queries of the dashboards")
struct DashboardQueriesTests {
    private var dashboards: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Dashboards/dashboards").path
    }

    @Test("every panel asks something, and Prometheus understands every question")
    func understood() async throws {
        let queries = try DashboardQueries.read(from: dashboards)
        #expect(queries.count > 150)
        try await withLocalCluster(nodes: 0, services: [.prometheus]) { cluster in
            for query in queries {
                await #expect(throws: Never.self, "\(query)") { try await cluster.prometheus.query(query.expression) }
            }
            await #expect(throws: LocalClusterError.self) { try await cluster.prometheus.query("sum(") }
        }
    }

    @Test("a panel that asks nothing, an unknown variable and a file that is no dashboard are errors")
    func bad() throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appendingPathComponent("a.json")
        for text in [
            #"{"panels":[{"type":"stat","title":"x","targets":[]}]}"#,
            #"{"panels":[{"type":"stat","title":"x","targets":[{"expr":"up{a=\"$unknown\"}"}]}]}"#,
            "[]",
        ] {
            try Data(text.utf8).write(to: file)
            #expect(throws: LocalClusterError.self) { try DashboardQueries.read(from: directory.path) }
        }
        let nested = """
            {"panels":[{"type":"row","title":"r","panels":[{"type":"stat","title":"x","targets":[{"expr":"a{n=~\\"$node\\"}"}]}]}]}
            """
        try Data(nested.utf8).write(to: file)
        #expect(
            try DashboardQueries.read(from: directory.path) == [
                DashboardQuery(panel: "x", isAnnotation: false, expression: "a{n=~\".*\"}")
            ])
    }
}
