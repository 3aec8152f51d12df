internal import CollabModel
internal import HTTP2Session
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import RuntimePorts
internal import Synchronization

/// Accepts connections of peers.
final class PeerListener: Sendable {
    private struct State {
        var channel: (any Channel)?
        var isShutDown = false
        var service: (any PeerService)?
        var connections: [ObjectIdentifier: PeerConnection] = [:]
    }

    private let group: any EventLoopGroup
    private let configuration: HTTP2PeerTransportConfiguration
    private let headers: PeerHeaders
    private let tls: PeerTLSContexts?
    private let statistics: PeerTransportStatistics
    private let logger: Logger
    private let state = Mutex(State())

    init(
        group: any EventLoopGroup, configuration: HTTP2PeerTransportConfiguration, headers: PeerHeaders,
        tls: PeerTLSContexts?, statistics: PeerTransportStatistics, logger: Logger
    ) {
        self.group = group
        self.configuration = configuration
        self.headers = headers
        self.tls = tls
        self.statistics = statistics
        self.logger = logger
    }

    func setService(_ service: any PeerService) { state.withLock { $0.service = service } }

    /// Binds, and returns the port.
    func start() async throws(PeerTransportError) -> Int {
        guard tls != nil || LoopbackRule.isLoopback(configuration.host) else {
            throw PeerTransportError(
                .insecure,
                "\(configuration.host) can be reached from other hosts: configure mutual TLS between nodes, or listen on a loopback address"
            )
        }
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 256)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try self.install(on: channel) }
            }
        let channel: any Channel
        do {
            channel = try await bootstrap.bind(host: configuration.host, port: configuration.port).get()
        } catch {
            throw PeerTransportError(
                .bind, "cannot listen on \(configuration.host):\(configuration.port)", cause: error)
        }
        let isLate = state.withLock { state in
            if !state.isShutDown { state.channel = channel }
            return state.isShutDown
        }
        if isLate {
            channel.close(promise: nil)
            throw PeerTransportError(.bind, "the transport has been shut down")
        }
        return channel.localAddress?.port ?? configuration.port
    }

    private func install(on channel: any Channel) throws {
        let connection = PeerConnection(eventLoop: channel.eventLoop)
        let key = ObjectIdentifier(connection)
        let isWelcome = state.withLock { state in
            guard !state.isShutDown, state.connections.count < configuration.acceptedConnections else { return false }
            state.connections[key] = connection
            return true
        }
        guard isWelcome else { throw PeerFailure.overflow }
        channel.closeFuture.whenComplete { _ in self.state.withLock { $0.connections[key] = nil } }
        if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls.server))
        }
        let handler = try PeerConnectionHandler(
            role: .server, address: PeerAddress(host: configuration.host, port: configuration.port),
            connection: connection, configuration: configuration, headers: headers, statistics: statistics,
            logger: logger, service: { self.state.withLock { $0.service } }, events: PeerConnectionEvents())
        try channel.pipeline.syncOperations.addHandler(handler)
    }

    /// Accepts no more. Returns what is still open.
    func shutDown() async -> [PeerConnection] {
        let (channel, connections) = state.withLock { state in
            state.isShutDown = true
            defer { state.channel = nil }
            return (state.channel, Array(state.connections.values))
        }
        // It fails only when the channel is closed already.
        try? await channel?.close().get()
        return connections
    }
}
