import Foundation
import LocalCluster
import Testing

extension IntegrationTests {
    @Suite("Alerts")
    struct AlertTests {
        private static let alertmanager = "/usr/bin/prometheus-alertmanager"

        @Test(
            "the alert on a killed node reaches those who are woken, with its runbook",
            .enabled(if: FileManager.default.isExecutableFile(atPath: alertmanager)), .timeLimit(.minutes(3)))
        func routed() async throws {
            let ports = try PortBlock()
            try await withLocalCluster(nodes: 1, services: [.postgres, .redis, .prometheus]) { cluster in
                let directory = cluster.directory.path + "/alertmanager"
                try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
                let program = Program(
                    Self.alertmanager,
                    [
                        "--config.file=\(root)/Dashboards/alertmanager.yml", "--storage.path=\(directory)",
                        "--web.listen-address=127.0.0.1:\(ports[0])", "--cluster.listen-address=",
                    ], directory: directory)
                let process = try program.start(log: directory + "/log")
                defer { _ = try? process.send(.kill) }
                try await cluster.prometheus.notify(alertmanagerAt: ports[0])
                _ = try await cluster.prometheus.answer(to: "sum(up) == 1")
                #expect(try await alerts(at: ports[0], named: "NodeDown", within: .zero).isEmpty)

                try await cluster.send(.kill, to: try #require(await cluster.nodes.first).id)

                let alert = try #require(try await alerts(at: ports[0], named: "NodeDown", within: .seconds(90)).first)
                #expect(alert.labels["node"] == "node-1")
                #expect(alert.labels["cluster"] == "local")
                #expect(alert.labels["severity"] == "critical")
                #expect(alert.receivers.map(\.name) == ["page"])
                let runbook = try #require(alert.annotations["runbook_url"])
                #expect(FileManager.default.fileExists(atPath: "\(root)/\(runbook)"))
            }
            withExtendedLifetime(ports) {}
        }

        private var root: String {
            URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().path
        }

        /// An alert as Alertmanager tells it (Alertmanager API v2, `getAlerts`).
        private struct Alert: Decodable {
            struct Receiver: Decodable { let name: String }
            let labels: [String: String]
            let annotations: [String: String]
            let receivers: [Receiver]
        }

        /// The alerts of a name, as soon as there are any.
        private func alerts(at port: Int, named name: String, within timeout: Duration) async throws -> [Alert] {
            let deadline = ContinuousClock.now + timeout
            while true {
                if let answer = await LoopbackHTTP.get("/api/v2/alerts", port: port), answer.status == 200 {
                    let found = try JSONDecoder().decode([Alert].self, from: Data(answer.body))
                        .filter { $0.labels["alertname"] == name }
                    if !found.isEmpty { return found }
                }
                guard ContinuousClock.now < deadline else { return [] }
                try await Task.sleep(for: .milliseconds(250))
            }
        }
    }
}
