/// Runs `body` with a cluster of its own in a temporary directory on ports of its own, and always takes it down.
///
/// - Parameters:
///   - nodes: the number of nodes, at most eight.
///   - services: the servers that are started; nodes need PostgreSQL and Redis.
///   - environment: settings of every node in its environment.
///   - body: uses the cluster; it may kill and start whatever it wants.
/// - Throws: what `body` throws, or ``LocalClusterError`` when the cluster does not start or does not end.
package func withLocalCluster<Result: Sendable>(
    nodes: Int, services: Set<ClusterPlan.Service> = [.postgres, .redis], environment: [String: String] = [:],
    _ body: (LocalCluster) async throws -> Result
) async throws -> Result {
    try await LocalCluster.sweepAbandoned()
    let block = try PortBlock()
    var plan = ClusterPlan(nodes: nodes, ports: ClusterPorts(block), services: services)
    plan.isTemporary = true
    plan.environment = environment
    let directory = try RunDirectory.temporary()
    let cluster = try await LocalCluster.create(plan, in: directory, owner: .current)
    let result: Result
    do {
        try await cluster.up()
        result = try await body(cluster)
    } catch {
        try await cluster.down(.immediate, removingData: true)
        throw error
    }
    try await cluster.down(.immediate, removingData: true)
    withExtendedLifetime(block) {}
    return result
}

/// Runs `body` with a PostgreSQL of its own, empty but for the database `collab`, and always takes it down.
package func withPostgres<Result: Sendable>(_ body: (PostgresServer) async throws -> Result) async throws -> Result {
    try await withLocalCluster(nodes: 0, services: [.postgres]) { try await body($0.postgres) }
}

/// Runs `body` with an empty Redis of its own and always takes it down.
package func withRedis<Result: Sendable>(_ body: (RedisServer) async throws -> Result) async throws -> Result {
    try await withLocalCluster(nodes: 0, services: [.redis]) { try await body($0.redis) }
}
