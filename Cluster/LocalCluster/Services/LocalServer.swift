/// A server beside the nodes, as what can be done to it.
protocol LocalServer: Actor {
    /// Where clients find it.
    nonisolated var url: String { get }
    /// The running process.
    var process: ProcessIdentity? { get async }
    /// Stops it in order.
    func stop() async throws
    /// Ends it by SIGKILL.
    func kill() async throws
    /// Stops it where it is: its connections stay open and silent until ``resume()``.
    func pause() async throws
    /// Lets it go on after ``pause()``.
    func resume() async throws
}

extension LocalServer {
    func pause() async throws { try await process?.pause() }
    func resume() async throws { try await process?.send(.resume) }
}

extension PostgresServer: LocalServer {}
extension RedisServer: LocalServer {}
extension RabbitMQServer: LocalServer {}
extension PrometheusServer: LocalServer {}
extension DashboardServer: LocalServer {}
