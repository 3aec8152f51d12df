internal import ArgumentParser
internal import Foundation
internal import LocalCluster
internal import Logging

/// `collab cluster up`.
struct ClusterUp: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "up",
        abstract: "Starts PostgreSQL, Redis, Prometheus, dashboards and the nodes; returns when all are ready.")

    @OptionGroup var options: ClusterOptions
    @Option(help: "The number of nodes.") var nodes = 3
    @Flag(help: "Return when every node is ready and leave the cluster running.") var detach = false
    @Option(help: "The port of the first node; the others follow.") var port = 3001
    @Option(help: "The peer port of the first node; the others follow.") var peerPort = 4001
    @Option(help: "The port of PostgreSQL.") var postgresPort = ClusterPorts().postgres
    @Option(help: "The port of Redis.") var redisPort = ClusterPorts().redis
    @Option(help: "The port of Prometheus.") var prometheusPort = ClusterPorts().prometheus
    @Option(help: "The port of the dashboards.") var dashboardsPort = ClusterPorts().dashboards
    @Option(help: "The port of RabbitMQ; the next two are used as well.") var rabbitmqPort = ClusterPorts().rabbitMQ
    @Flag(help: "Do without Prometheus and the dashboards.") var noPrometheus = false
    @Flag(help: "Start RabbitMQ too and publish every change; `collab feed` shows them.") var rabbitmq = false
    @Option(help: "What the nodes log: trace, debug, info, notice, warning, error, critical.") var logLevel = "info"
    @Option(help: "The directory of the editor page.") var webRoot: String?

    func validate() throws {
        guard (1...100).contains(nodes) else { throw ValidationError("--nodes is a number from 1 to 100") }
        for first in [port, peerPort] where first < 1 || first + nodes > LoopbackPort.firstEphemeral {
            throw ValidationError("ports lie between 1 and \(LoopbackPort.firstEphemeral - 1)")
        }
        let first = [postgresPort, redisPort, prometheusPort, dashboardsPort, rabbitmqPort, rabbitmqPort + 2]
        for one in first where !(1..<LoopbackPort.firstEphemeral).contains(one) {
            throw ValidationError("ports lie between 1 and \(LoopbackPort.firstEphemeral - 1)")
        }
        try checkPortsDiffer()
        guard Logger.Level(rawValue: logLevel) != nil else {
            throw ValidationError("--log-level is trace, debug, info, notice, warning, error or critical")
        }
    }

    /// The ports that would be used for two things are named before anything is started.
    private func checkPortsDiffer() throws {
        var purposes: [Int: String] = [:]
        var all = ClusterPlan.Service.allCases.filter(services.contains).flatMap(ports.uses).map {
            ($0.port, $0.purpose)
        }
        for index in 0..<nodes {
            all += [(port + index, "node-\(index + 1)"), (peerPort + index, "the peers of node-\(index + 1)")]
        }
        for (port, purpose) in all {
            if let other = purposes.updateValue(purpose, forKey: port) {
                throw ValidationError("port \(port) is to be that of \(other) and of \(purpose)")
            }
        }
    }

    func run() async throws {
        let interrupted = try await Interruption.cancelling {
            try await start()
            if !detach { try await watch() }
        }
        guard interrupted else { return }
        Console.line("\nStopping the cluster")
        try await options.changing { try await LocalCluster.open(options.directory).down() }
        if detach { throw ExitCode(130) }
    }

    private func start() async throws {
        let cluster = try await options.changing(isNew: true) {
            let cluster = try await LocalCluster.create(plan, in: options.directory)
            try await cluster.up { Console.line($0) }
            return cluster
        }
        Console.line("\nThe cluster is up. Its logs and data are in \(options.directory.path)")
        for node in await cluster.nodes { Console.line("  \(node.id)  \(node.url)") }
        if !noPrometheus {
            Console.line("  dashboards  \(cluster.dashboards.url)")
            Console.line("  metrics     \(cluster.prometheus.url)")
        }
        if rabbitmq { Console.line("  changes     \(cluster.rabbitMQ.url)") }
        Console.line(detach ? "`collab cluster down\(options.directory.option)` ends it." : "Ctrl-C ends it.\n")
    }

    /// Shows what changes; other commands may kill, start and add nodes meanwhile.
    private func watch() async throws {
        var shown = ""
        while true {
            let status = try await options.cluster().status()
            let line = status.nodes.map { "\($0.id) \($0.state.rawValue)" }.joined(separator: "   ")
            if line != shown { Console.line(line) }
            shown = line
            try await Task.sleep(for: .seconds(1))
        }
    }

    private var ports: ClusterPorts {
        ClusterPorts(
            node: port, peer: peerPort, postgres: postgresPort, redis: redisPort, prometheus: prometheusPort,
            dashboards: dashboardsPort, rabbitMQ: rabbitmqPort)
    }

    private var services: Set<ClusterPlan.Service> {
        (noPrometheus ? [.postgres, .redis] : ClusterPlan.Service.standard).union(rabbitmq ? [.rabbitMQ] : [])
    }

    private var plan: ClusterPlan {
        var plan = ClusterPlan(nodes: nodes, ports: ports, services: services)
        plan.logLevel = logLevel
        plan.inherited = ProcessInfo.processInfo.environment.filter { $0.key.hasPrefix("COLLAB_") }
        if let webRoot { plan.webRoot = URL(fileURLWithPath: webRoot).path }
        return plan
    }
}
