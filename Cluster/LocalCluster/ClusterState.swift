internal import Foundation

/// What is written down about a local cluster (`cluster.json`), so that another command can go on with it.
struct ClusterState: Codable, Sendable {
    /// A server other than a node.
    struct Server: Codable, Sendable {
        var port: Int
        var process: ProcessIdentity?
    }

    /// A node.
    struct Node: Codable, Sendable {
        /// 1 for `node-1`.
        var number: Int
        var port: Int
        var peerPort: Int
        var process: ProcessIdentity?
    }

    /// The test process that will take the cluster down; `nil` when it is to stay.
    var owner: ProcessIdentity?
    /// What the cluster was asked to be.
    var plan: ClusterPlan
    var postgres: Server
    var redis: Server
    var prometheus: Server
    var dashboards: Server
    var rabbitMQ: Server
    var nodes: [Node]

    /// The state before anything was started.
    init(plan: ClusterPlan, owner: ProcessIdentity?) {
        self.owner = owner
        self.plan = plan
        postgres = Server(port: plan.ports.postgres)
        redis = Server(port: plan.ports.redis)
        prometheus = Server(port: plan.ports.prometheus)
        dashboards = Server(port: plan.ports.dashboards)
        rabbitMQ = Server(port: plan.ports.rabbitMQ)
        nodes = (0..<plan.nodes).map { plan.node(at: $0) }
    }

    /// Every process that was started and not stopped by us.
    var processes: [ProcessIdentity] {
        ([postgres, redis, prometheus, dashboards, rabbitMQ].map(\.process) + nodes.map(\.process)).compactMap(\.self)
    }

    /// Reads the state of a run directory; `nil` when there is none.
    ///
    /// - Throws: ``LocalClusterError`` with code `bad_state` when there is one that cannot be read.
    static func read(from directory: RunDirectory) throws(LocalClusterError) -> ClusterState? {
        guard let data = FileManager.default.contents(atPath: directory.stateFile) else { return nil }
        do {
            return try JSONDecoder().decode(ClusterState.self, from: data)
        } catch {
            throw LocalClusterError(code: "bad_state", message: "\(directory.stateFile) cannot be read: \(error)")
        }
    }

    /// Writes the state to a new file that then takes the place of the old one, so that a reader sees either. Only its owner
    /// may read it: settings may be secrets.
    func write(to directory: RunDirectory) throws(LocalClusterError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        do {
            try encoder.encode(self).write(to: URL(fileURLWithPath: directory.stateFile), options: .atomic)
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: directory.stateFile)
        } catch {
            throw LocalClusterError(
                code: "not_permitted", message: "\(directory.stateFile) cannot be written: \(error)")
        }
    }
}
