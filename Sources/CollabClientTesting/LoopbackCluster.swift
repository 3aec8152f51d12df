package import CollabModel
package import Delta
package import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// Real owner and replica machines behind real sockets in this process, without storage: what a client is tested
/// against. Several addresses lead to the same documents, as several nodes would.
///
/// It can be told to misbehave as a cluster must not, so that checks can be seen to fail.
package final class LoopbackCluster: Sendable {
    let state: NIOLoopBound<LoopbackState>
    package let eventLoop: any EventLoop
    private let ownGroup: MultiThreadedEventLoopGroup

    /// Starts with so many addresses.
    package static func start(addresses: Int = 1) async throws -> LoopbackCluster {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let eventLoop = group.any()
        let state = try await eventLoop.submit {
            NIOLoopBound(LoopbackState(eventLoop), eventLoop: eventLoop)
        }.get()
        let cluster = LoopbackCluster(group, eventLoop, state)
        for index in 0..<addresses { try await cluster.listen(index) }
        return cluster
    }

    private init(
        _ group: MultiThreadedEventLoopGroup, _ eventLoop: any EventLoop, _ state: NIOLoopBound<LoopbackState>
    ) {
        ownGroup = group
        self.eventLoop = eventLoop
        self.state = state
    }

    /// Ends everything.
    package func stop() async throws {
        try await onLoop { $0.killAll() }
        try await ownGroup.shutdownGracefully()
    }

    /// The addresses, as `ws` URLs.
    package var urls: [String] {
        get async throws { try await onLoop { state in state.ports.map { "ws://127.0.0.1:\($0)" } } }
    }

    /// Runs a closure on the cluster's loop.
    @discardableResult
    package func onLoop<Result: Sendable>(
        _ body: @escaping @Sendable (LoopbackState) throws -> Result
    ) async throws -> Result {
        let state = state
        return try await eventLoop.submit { try body(state.value) }.get()
    }

    /// Creates a document.
    package func create(_ content: DocumentContent = DocumentContent()) async throws -> DocumentID {
        try await onLoop { $0.create(content) }
    }

    /// Takes an address away: connections are refused, and those that are open are cut.
    package func kill(_ index: Int) async throws { try await onLoop { $0.kill(index) } }

    /// Gives an address again.
    package func revive(_ index: Int) async throws { try await listen(index) }

    private func listen(_ index: Int) async throws {
        let state = state
        let port = try await onLoop { $0.ports.indices.contains(index) ? $0.ports[index] : 0 }
        let channel = try await ServerBootstrap(group: ownGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 1_024)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try Self.configure(channel, state, index) }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .bind(host: "127.0.0.1", port: port).get()
        guard let bound = channel.localAddress?.port else { throw ChannelError.unknownLocalAddress }
        try await onLoop { $0.listening(index, channel, port: bound) }
    }

    private static func configure(
        _ channel: any Channel, _ state: NIOLoopBound<LoopbackState>, _ index: Int
    ) throws {
        let upgrader = NIOTypedWebSocketServerUpgrader<Void>(
            maxFrameSize: 64 << 20, enableAutomaticErrorHandling: false,
            shouldUpgrade: { channel, _ in
                channel.eventLoop.makeSucceededFuture(["Sec-WebSocket-Protocol": "collab.v1"])
            },
            upgradePipelineHandler: { channel, head in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        LoopbackSession(state: state.value, address: index, target: head.uri))
                }
            })
        let upgrade = NIOTypedHTTPServerUpgradeConfiguration(
            upgraders: [upgrader],
            notUpgradingCompletionHandler: { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(LoopbackHTTP(state: state.value))
                }
            })
        _ = try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
            configuration: NIOUpgradableHTTPServerPipelineConfiguration(upgradeConfiguration: upgrade))
    }
}
