import Hummingbird
package import HummingbirdCore
package import Logging
package import NIOCore
import ServiceLifecycle

/// Serves the HTTP API and the sessions of a node on one port, until a graceful shutdown.
///
/// The sessions' side comes as a builder, so that neither edge knows the other.
package struct EdgeServer: Service {
    private let host: String
    private let port: Int
    private let api: HTTPAPI
    private let server: HTTPServerBuilder
    private let eventLoopGroup: any EventLoopGroup
    private let sessionsOver: @Sendable () async -> Void
    private let onRunning: @Sendable (Int) async -> Void
    private let logger: Logger

    /// - Parameters:
    ///   - port: 0 for any that is free; `onRunning` learns which.
    ///   - server: makes the server's connections, for example the gateway's `serverBuilder`.
    ///   - sessionsOver: returns when the sessions that a shutdown told to leave have left.
    package init(
        host: String, port: Int, api: HTTPAPI, server: HTTPServerBuilder, eventLoopGroup: any EventLoopGroup,
        sessionsOver: @escaping @Sendable () async -> Void,
        onRunning: @escaping @Sendable (Int) async -> Void = { _ in }, logger: Logger
    ) {
        self.host = host
        self.port = port
        self.api = api
        self.server = server
        self.eventLoopGroup = eventLoopGroup
        self.sessionsOver = sessionsOver
        self.onRunning = onRunning
        self.logger = logger
    }

    /// Listens until a graceful shutdown, then closes every session with 1001, answers what is being asked, and returns
    /// when all are gone. Throws when the port cannot be had.
    package func run() async throws {
        let application = Application(
            router: api.router(), server: server,
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), backlog: 1_024),
            onServerRunning: { [onRunning, port] channel in await onRunning(channel.localAddress?.port ?? port) },
            eventLoopGroupProvider: .shared(eventLoopGroup), logger: logger)
        try await application.run()
        await sessionsOver()
    }
}
