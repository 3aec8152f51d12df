internal import CollabModel
internal import Foundation

/// A private Prometheus that scrapes the nodes every second.
package actor PrometheusServer {
    /// The TCP port.
    package nonisolated let port: Int
    /// Where its page and API are: `http://127.0.0.1:PORT`.
    package nonisolated var url: String { "http://127.0.0.1:\(port)" }
    private let directory: String
    private let server: ServerProcess

    /// Describes the Prometheus that works in `directory`, which `process` runs already when it is not `nil`.
    init(directory: String, log: String, port: Int, process: ProcessIdentity?) {
        self.directory = directory
        self.port = port
        server = ServerProcess(name: "Prometheus", log: log, process: process)
    }

    /// The running process.
    package var process: ProcessIdentity? { get async { await server.process } }

    /// What it does now.
    package var condition: ProcessCondition { get async { await server.condition } }

    /// Starts it and returns when it is ready. Does nothing when it runs already.
    package func start() async throws {
        guard await server.condition == .gone else { return }
        try Directories.make(directory)
        try Data(Self.configuration.utf8).write(
            to: URL(fileURLWithPath: directory + "/prometheus.yml"), options: .atomic)
        let program = Program(
            try Executables.find("prometheus", package: "prometheus"),
            [
                "--config.file=\(directory)/prometheus.yml", "--storage.tsdb.path=\(directory)/data",
                "--storage.tsdb.retention.time=1d", "--web.listen-address=127.0.0.1:\(port)", "--log.level=warn",
            ],
            directory: directory)
        let port = self.port
        try await server.start(program) { _ in await LoopbackHTTP.get("/-/ready", port: port)?.status == 200 }
    }

    /// Stops it.
    package func stop() async throws {
        try await server.stop([(.terminate, .seconds(10)), (.kill, .seconds(5))])
    }

    /// Ends it by SIGKILL.
    package func kill() async throws {
        try await server.stop([(.kill, .seconds(5))])
    }

    /// Says which nodes to scrape; the label `node` names them also while they do not answer, `cluster` and `region`
    /// their cluster. Prometheus reads the file again by itself.
    func scrape(_ nodes: [ClusterNode], of cluster: String) throws {
        try write(
            nodes.map { node in
                let labels = ["node": node.id.text, "cluster": cluster, "region": "local"]
                return TargetGroup(targets: ["127.0.0.1:\(node.port)"], labels: labels)
            }, to: "nodes.json")
    }

    /// Sends alerts to the Alertmanager at a port from now on.
    package func notify(alertmanagerAt port: Int) throws {
        try write([TargetGroup(targets: ["127.0.0.1:\(port)"], labels: [:])], to: "alertmanagers.json")
    }

    /// An entry of a file of targets (Prometheus, "file_sd_config").
    private struct TargetGroup: Encodable {
        let targets: [String]
        let labels: [String: String]
    }

    private func write(_ groups: [TargetGroup], to file: String) throws {
        try Directories.make(directory)
        let data = try JSONEncoder().encode(groups)
        try data.write(to: URL(fileURLWithPath: "\(directory)/\(file)"), options: .atomic)
    }

    /// Evaluates an expression now.
    ///
    /// - Returns: the value of each series of the answer with its labels.
    /// - Throws: ``LocalClusterError`` with code `query_failed` and what Prometheus said.
    package func query(_ expression: String) async throws -> [PrometheusSample] {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-._~")
        let encoded = expression.addingPercentEncoding(withAllowedCharacters: allowed) ?? ""
        let response = await LoopbackHTTP.get("/api/v1/query?query=\(encoded)", port: port, timeout: .seconds(10))
        guard let response, response.status == 200,
            let answer = try? JSONDecoder().decode(PrometheusAnswer.self, from: Data(response.body))
        else {
            let text = response.map { String(decoding: $0.body, as: UTF8.self) } ?? "no answer"
            throw LocalClusterError(code: "query_failed", message: "Prometheus answered \(expression) with: \(text)")
        }
        return answer.data.result
    }

    /// Waits until an expression has an answer.
    ///
    /// - Returns: the answer.
    /// - Throws: ``LocalClusterError`` with code `query_failed` when it has none within `timeout`.
    package func answer(to expression: String, within timeout: Duration = .seconds(30)) async throws
        -> [PrometheusSample]
    {
        let deadline = ContinuousClock.now + timeout
        while true {
            let samples = try await query(expression)
            if !samples.isEmpty { return samples }
            guard ContinuousClock.now < deadline else {
                throw LocalClusterError(
                    code: "query_failed", message: "\(expression) had no answer within \(timeout)")
            }
            try await Task.sleep(for: .milliseconds(250))
        }
    }

    /// The rules are those of the checkout, so that the dashboards find what they ask for.
    private static let configuration = """
        global:
          scrape_interval: 1s
          scrape_timeout: 900ms
          evaluation_interval: 5s
        rule_files: ["\(PackageRoot.path)/Dashboards/rules.yml", "\(PackageRoot.path)/Dashboards/alerts.yml"]
        alerting:
          alertmanagers:
            - file_sd_configs:
                - files: [alertmanagers.json]
                  refresh_interval: 1s
        scrape_configs:
          - job_name: collab
            file_sd_configs:
              - files: [nodes.json]
                refresh_interval: 5s

        """
}

/// One series of an instant vector.
package struct PrometheusSample: Decodable, Sendable {
    /// The labels, the metric's name as `__name__` among them.
    package let labels: [String: String]
    /// The value; may be NaN.
    package let value: Double

    private enum CodingKeys: String, CodingKey { case metric, value }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        labels = try container.decode([String: String].self, forKey: .metric)
        var pair = try container.nestedUnkeyedContainer(forKey: .value)
        _ = try pair.decode(Double.self)
        let text = try pair.decode(String.self)
        guard let value = Double(text) else {
            throw DecodingError.dataCorruptedError(in: pair, debugDescription: "\(text) is not a number")
        }
        self.value = value
    }
}

/// The part of Prometheus's answer that is used (HTTP API, "Instant queries"); every expression here gives a vector.
private struct PrometheusAnswer: Decodable {
    struct Content: Decodable { let result: [PrometheusSample] }
    let data: Content
}
