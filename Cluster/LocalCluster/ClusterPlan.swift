/// What a local cluster shall consist of.
package struct ClusterPlan: Codable, Sendable {
    /// A server beside the nodes.
    package enum Service: String, Codable, Sendable, CaseIterable {
        case postgres, redis, prometheus
        /// What draws the dashboards; it asks Prometheus.
        case dashboards
        /// The broker, to which the nodes then publish every change.
        case rabbitMQ

        /// What commands call it.
        package var name: String { rawValue.lowercased() }

        /// What a cluster has that nobody asked for anything else.
        package static let standard: Set<Service> = [.postgres, .redis, .prometheus, .dashboards]
    }

    /// The number of nodes at the start.
    package var nodes: Int
    /// The servers that are started.
    package var services: Set<Service>
    /// Where everything listens.
    package var ports: ClusterPorts
    /// The `collab` executable that the nodes run.
    package var executable: String
    /// The directory of the editor page; `nil` leaves it to the node.
    package var webRoot: String?
    /// The name that keeps clusters in one Redis apart.
    package var clusterName: String
    /// What the nodes log: `trace` to `critical`.
    package var logLevel: String
    /// Settings of every node in its environment, beside those of the process that starts it.
    package var environment: [String: String]
    /// Settings that the cluster was brought up with, for nodes that another process starts later; that one's own win.
    package var inherited: [String: String]?
    /// Through which addresses nodes reach others and are reached; `nil`: directly. Whoever plans them has to listen there
    /// before the nodes start.
    package var routes: NodeRoutes?
    /// Settings in the environment of a server, beside those of the process that starts it.
    package var serviceEnvironment: [Service: [String: String]]?
    /// Whether the database may be lost with the machine, as in a test.
    package var isTemporary: Bool

    /// The durable queues that get every change, where there is a broker.
    package static let feedQueue = "op.broadcast.feed"

    /// Plans a cluster.
    package init(nodes: Int = 3, ports: ClusterPorts = ClusterPorts(), services: Set<Service> = Service.standard) {
        self.nodes = nodes
        self.ports = ports
        self.services = services
        executable = PackageRoot.collab
        webRoot = PackageRoot.webRoot
        clusterName = "local"
        logLevel = "info"
        environment = [:]
        isTemporary = false
    }

    /// The node with a place in the order of nodes, 0 for `node-1`.
    func node(at index: Int) -> ClusterState.Node {
        ClusterState.Node(number: index + 1, port: ports.node + index, peerPort: ports.peer + index)
    }
}

/// The ports of a local cluster, all on 127.0.0.1.
package struct ClusterPorts: Codable, Sendable {
    /// HTTP and WebSocket of `node-1`; the others follow.
    package var node: Int
    /// The peer port of `node-1`; the others follow.
    package var peer: Int
    package var postgres: Int
    package var redis: Int
    package var prometheus: Int
    package var dashboards: Int
    /// Of RabbitMQ; the next two are those of its Erlang distribution and its port mapper.
    package var rabbitMQ: Int

    /// Names the ports.
    package init(
        node: Int = 3001, peer: Int = 4001, postgres: Int = 15_432, redis: Int = 16_379, prometheus: Int = 19_090,
        dashboards: Int = 19_091, rabbitMQ: Int = 15_673
    ) {
        self.node = node
        self.peer = peer
        self.postgres = postgres
        self.redis = redis
        self.prometheus = prometheus
        self.dashboards = dashboards
        self.rabbitMQ = rabbitMQ
    }

    /// The ports on which a server listens, what for, and the flag of `up` that chooses another.
    package func uses(of service: ClusterPlan.Service) -> [(port: Int, purpose: String, flag: String)] {
        switch service {
        case .postgres: [(postgres, "PostgreSQL", "--postgres-port")]
        case .redis: [(redis, "Redis", "--redis-port")]
        case .prometheus: [(prometheus, "Prometheus", "--prometheus-port")]
        case .dashboards: [(dashboards, "the dashboards", "--dashboards-port")]
        case .rabbitMQ:
            [
                (rabbitMQ, "RabbitMQ", "--rabbitmq-port"),
                (rabbitMQ + 1, "RabbitMQ's distribution", "--rabbitmq-port"),
                (rabbitMQ + 2, "RabbitMQ's port mapper", "--rabbitmq-port"),
            ]
        }
    }

    /// Lays the ports of at most eight nodes and the servers into a block.
    package init(_ block: PortBlock) {
        self.init(
            node: block[0], peer: block[8], postgres: block[16], redis: block[17], prometheus: block[18],
            dashboards: block[19], rabbitMQ: block[20])
    }
}
