internal import CollabModel
package import LocalCluster
package import NIOCore
internal import NIOPosix

/// Starts a local cluster whose every link runs through a ``FaultProxy``.
package struct ProxiedCluster: Sendable {
    /// No cluster has more nodes, added ones included.
    package static let mostNodes = 8

    /// The number of nodes at the start.
    package var nodes = 3
    /// Settings of every node in its environment.
    package var environment: [String: String] = [:]
    /// Whether processes run with a clock that can be shifted, which needs libfaketime.
    package var hasShiftedClocks = false
    /// The servers beside the nodes; a chaos run needs PostgreSQL and Redis.
    package var services: Set<ClusterPlan.Service> = [.postgres, .redis]
    /// What the nodes log.
    package var logLevel = "info"

    package init() {}

    /// Runs `body` with the cluster, and always takes everything down.
    ///
    /// - Parameters:
    ///   - group: event loops for the proxy.
    ///   - report: is told what is started.
    package func run<Result: Sendable>(
        on group: any EventLoopGroup, report: @Sendable (String) -> Void = { _ in },
        _ body: (Stage) async throws -> Result
    ) async throws -> Result {
        try await LocalCluster.sweepAbandoned()
        let block = try PortBlock()
        defer { withExtendedLifetime(block) {} }
        let directory = try RunDirectory.temporary()
        let routes = NodeRoutes()
        var plan = ClusterPlan(nodes: nodes, ports: ClusterPorts(block), services: services)
        plan.isTemporary = true
        plan.environment = environment
        plan.logLevel = logLevel
        plan.routes = routes
        var clocks: ShiftedClocks?
        if hasShiftedClocks {
            let shifted = try ShiftedClocks(in: directory.path)
            plan.serviceEnvironment = [
                .redis: try shifted.environment(of: "redis"), .postgres: try shifted.environment(of: "postgres"),
            ]
            clocks = shifted
        }
        defer { clocks?.removeShared() }
        let proxy = FaultProxy(group: group)
        let cluster = try await LocalCluster.create(plan, in: directory, owner: .current)
        let result: Result
        do {
            try await listen(proxy, plan, routes)
            try await up(cluster, clocks, report)
            result = try await body(Stage(cluster, proxy, routes, clocks))
        } catch {
            await proxy.close()
            try await cluster.down(.immediate, removingData: true)
            throw error
        }
        await proxy.close()
        try await cluster.down(.immediate, removingData: true)
        return result
    }

    private func up(
        _ cluster: LocalCluster, _ clocks: ShiftedClocks?, _ report: @Sendable (String) -> Void
    ) async throws {
        if let clocks {
            for number in 1...Self.mostNodes {
                let name = "node-\(number)"
                await cluster.setEnvironment(try clocks.environment(of: name), ofNode: number)
            }
        }
        try await cluster.up(report: report)
    }

    /// Listens for every node that there may be.
    private func listen(_ proxy: FaultProxy, _ plan: ClusterPlan, _ routes: NodeRoutes) async throws {
        func address(_ host: String, _ port: Int) throws -> SocketAddress {
            try SocketAddress(ipAddress: host, port: port)
        }
        let numbers = 1...Self.mostNodes
        let peers = Dictionary(uniqueKeysWithValues: numbers.map { (routes.peerSource(of: $0), "node-\($0)") })
        let clients = Dictionary(
            uniqueKeysWithValues: (0..<Self.mostClients).map { (routes.clientSource(of: $0), "client-\($0)") })
        let local = "127.0.0.1"
        for number in numbers {
            let name = "node-\(number)"
            let peerPort = plan.ports.peer + number - 1
            try await proxy.listen(
                for: name, at: address(routes.peers(of: number), peerPort), to: address(local, peerPort),
                dialler: .bySourceHost(peers, otherwise: "stranger"))
            let port = plan.ports.node + number - 1
            try await proxy.listen(
                for: name, at: address(routes.clients(of: number), port), to: address(local, port),
                dialler: .bySourceHost(clients, otherwise: "stranger"))
            try await proxy.listen(
                for: "postgres", at: address(routes.postgres(of: number), plan.ports.postgres),
                to: address(local, plan.ports.postgres), dialler: .always(name))
            try await proxy.listen(
                for: "redis", at: address(routes.redis(of: number), plan.ports.redis),
                to: address(local, plan.ports.redis), dialler: .always(name))
        }
    }

    /// No load has more clients.
    package static let mostClients = 1_000
}
