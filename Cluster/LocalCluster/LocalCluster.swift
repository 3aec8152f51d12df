package import CollabModel
internal import Foundation

/// PostgreSQL, Redis, Prometheus, RabbitMQ and several nodes on this machine, as processes of their own.
///
/// Nothing here runs inside this process: a cluster that was started by one command is found again by another through
/// its run directory, where every process is written down with its id and start time.
package actor LocalCluster {
    /// Where the cluster keeps everything.
    package nonisolated let directory: RunDirectory
    /// The database; started only if the plan names it.
    package nonisolated let postgres: PostgresServer
    /// The lease store; started only if the plan names it.
    package nonisolated let redis: RedisServer
    /// The metrics store; started only if the plan names it.
    package nonisolated let prometheus: PrometheusServer
    /// What draws the dashboards; started only if the plan names it.
    package nonisolated let dashboards: DashboardServer
    /// The broker; started only if the plan names it.
    package nonisolated let rabbitMQ: RabbitMQServer
    var state: ClusterState
    /// Settings of single nodes in their environment, by number, for as long as this process lives.
    var nodeEnvironment: [Int: [String: String]] = [:]

    private init(directory: RunDirectory, state: ClusterState) async throws {
        self.directory = directory
        self.state = state
        postgres = PostgresServer(
            directory: try await directory.postgresDirectory(), log: directory.log(of: "postgres"),
            port: state.postgres.port, isTemporary: state.plan.isTemporary,
            environment: state.plan.serviceEnvironment?[.postgres] ?? [:], process: state.postgres.process)
        redis = RedisServer(
            directory: directory.redis, log: directory.log(of: "redis"), port: state.redis.port,
            environment: state.plan.serviceEnvironment?[.redis] ?? [:], process: state.redis.process)
        prometheus = PrometheusServer(
            directory: directory.prometheus, log: directory.log(of: "prometheus"), port: state.prometheus.port,
            process: state.prometheus.process)
        dashboards = DashboardServer(
            directory: directory.dashboards, log: directory.log(of: "dashboards"), port: state.dashboards.port,
            process: state.dashboards.process)
        rabbitMQ = RabbitMQServer(
            directory: directory.rabbitMQ, log: directory.log(of: "rabbitmq"), port: state.rabbitMQ.port,
            distributionPort: state.rabbitMQ.port + 1, epmdPort: state.rabbitMQ.port + 2,
            process: state.rabbitMQ.process)
    }

    /// Lays out a new cluster in a run directory; nothing is started yet.
    ///
    /// - Parameter owner: the process whose end makes the cluster abandoned (``sweepAbandoned()``).
    /// - Throws: ``LocalClusterError`` with code `already_running` when a cluster runs there.
    package static func create(
        _ plan: ClusterPlan, in directory: RunDirectory, owner: ProcessIdentity? = nil
    ) async throws -> LocalCluster {
        if let earlier = try ClusterState.read(from: directory), earlier.processes.contains(where: \.exists) {
            throw LocalClusterError(
                code: "already_running",
                message: "a cluster runs in \(directory.path) already; `collab cluster down\(directory.option)` ends it"
            )
        }
        try Directories.make(directory.logs)
        let state = ClusterState(plan: plan, owner: owner)
        try state.write(to: directory)
        return try await LocalCluster(directory: directory, state: state)
    }

    /// Finds the cluster of a run directory again.
    ///
    /// - Throws: ``LocalClusterError`` with code `no_cluster` when there is none.
    package static func open(_ directory: RunDirectory) async throws -> LocalCluster {
        guard let state = try ClusterState.read(from: directory) else {
            throw LocalClusterError(
                code: "no_cluster",
                message: "there is no cluster in \(directory.path); `collab cluster up\(directory.option)` starts one")
        }
        return try await LocalCluster(directory: directory, state: state)
    }

    /// The nodes, whatever they do now.
    package var nodes: [ClusterNode] { state.nodes.map { ClusterNode($0, in: directory) } }

    /// Sets what one node has in its environment at every further start, beside the settings of the plan.
    package func setEnvironment(_ environment: [String: String], ofNode number: Int) {
        nodeEnvironment[number] = environment
    }

    /// The process of a node; `nil` when it has ended or never ran.
    package func process(of node: NodeID) throws -> ProcessIdentity? {
        let process = state.nodes[try index(of: node)].process
        return process?.exists == true ? process : nil
    }

    /// The place of a node.
    ///
    /// - Throws: ``LocalClusterError`` with code `unknown_node`.
    func index(of node: NodeID) throws -> Int {
        guard let index = state.nodes.firstIndex(where: { ClusterNode.id($0.number) == node }) else {
            let known = state.nodes.map { ClusterNode.id($0.number).text }.joined(separator: ", ")
            throw LocalClusterError(code: "unknown_node", message: "there is no \(node); the nodes are \(known)")
        }
        return index
    }

    /// Writes down what runs.
    func save() async throws {
        state.postgres.process = await postgres.process
        state.redis.process = await redis.process
        state.prometheus.process = await prometheus.process
        state.dashboards.process = await dashboards.process
        state.rabbitMQ.process = await rabbitMQ.process
        try state.write(to: directory)
    }
}
