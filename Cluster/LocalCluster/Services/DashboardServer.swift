internal import Foundation

/// What draws the dashboards of `Dashboards`: a private Grafana where one is installed, else the page of
/// `Dashboards/viewer`. Both read the same files and ask the cluster's Prometheus.
package actor DashboardServer {
    /// The TCP port.
    package nonisolated let port: Int
    /// Where people look, and where annotations are posted in the form of Grafana's API: `http://127.0.0.1:PORT`.
    package nonisolated var url: String { "http://127.0.0.1:\(port)" }
    private let directory: String
    private let server: ServerProcess

    /// Describes the server that works in `directory`, which `process` runs already when it is not `nil`.
    init(directory: String, log: String, port: Int, process: ProcessIdentity?) {
        self.directory = directory
        self.port = port
        server = ServerProcess(name: "the dashboards' server", log: log, process: process)
    }

    /// The running process.
    package var process: ProcessIdentity? { get async { await server.process } }

    /// Starts it and returns when it answers. Does nothing when it runs already.
    ///
    /// - Parameters:
    ///   - prometheus: the URL of what it asks.
    ///   - grafana: the executable of a Grafana, or `nil` for the page.
    package func start(asking prometheus: String, with grafana: String? = DashboardServer.installedGrafana)
        async throws
    {
        guard await server.condition == .gone else { return }
        try Directories.make(directory)
        let port = self.port
        if let grafana {
            // A Grafana of another age may not start; the page is then better than no cluster.
            let started: Void? = try? await server.start(
                Self.grafana(grafana, in: directory, port: port, asking: prometheus), within: .seconds(60)
            ) { _ in await LoopbackHTTP.get("/api/health", port: port)?.status == 200 }
            if started != nil { return }
        }
        let page = Program(
            try Executables.find("python3", package: "python3"),
            [
                "\(PackageRoot.path)/Dashboards/viewer/serve", "--prometheus", prometheus, "--port", String(port),
                "--annotations", directory + "/annotations.json",
            ],
            directory: directory)
        try await server.start(page) { _ in await LoopbackHTTP.get("/", port: port)?.status == 200 }
    }

    /// Stops it.
    package func stop() async throws {
        try await server.stop([(.terminate, .seconds(10)), (.kill, .seconds(5))])
    }

    /// Ends it by SIGKILL.
    package func kill() async throws {
        try await server.stop([(.kill, .seconds(5))])
    }

    /// The executable of an installed Grafana; `nil` when there is none.
    package static var installedGrafana: String? { try? Executables.find("grafana", package: "grafana") }

    /// A Grafana that keeps everything in `directory`, shows the dashboards to everybody on this machine and takes
    /// annotations from them (Grafana, "Configure Grafana", override by environment variables).
    private static func grafana(_ executable: String, in directory: String, port: Int, asking prometheus: String)
        -> Program
    {
        let source = PackageRoot.path + "/Dashboards"
        let settings = [
            "COLLAB_DASHBOARDS": source + "/dashboards", "PROMETHEUS_URL": prometheus,
            "GF_PATHS_PROVISIONING": source + "/provisioning", "GF_PATHS_DATA": directory + "/data",
            "GF_PATHS_LOGS": directory + "/logs", "GF_PATHS_PLUGINS": directory + "/plugins",
            "GF_SERVER_HTTP_ADDR": "127.0.0.1", "GF_SERVER_HTTP_PORT": String(port),
            "GF_AUTH_ANONYMOUS_ENABLED": "true", "GF_AUTH_ANONYMOUS_ORG_ROLE": "Editor",
            "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH": source + "/dashboards/collab-sli.json",
            "GF_ANALYTICS_REPORTING_ENABLED": "false", "GF_ANALYTICS_CHECK_FOR_UPDATES": "false",
            "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES": "false",
        ]
        var program = Program(executable, ["server", "--homepath", "/usr/share/grafana"], directory: directory)
        program.environment.merge(settings) { $1 }
        return program
    }
}
