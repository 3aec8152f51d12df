import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket

/// Opens a WebSocket of the session protocol to one node.
struct WebSocketConnector: Sendable {
    let frameBytes: Int
    let timeout: TimeAmount
    let token: String?
    let tls: NIOSSLContext?
    let source: SocketAddress?

    init(_ options: SessionOptions, isSecure: Bool) throws {
        frameBytes = options.frameBytes
        timeout = .milliseconds(options.openMilliseconds)
        token = options.token
        source = try options.sourceHost.map { try SocketAddress(ipAddress: $0, port: 0) }
        tls = isSecure ? try NIOSSLContext(configuration: options.tls) : nil
    }

    /// Connects and asks for the upgrade. The handler is in place before the first byte of the session is read.
    ///
    /// - Returns: fails where the node cannot be reached or declines; what happens after is the handler's.
    func connect(
        to endpoint: NodeEndpoint, target: String, on eventLoop: any EventLoop,
        handler: @escaping @Sendable () -> SessionChannelHandler
    ) -> EventLoopFuture<Void> {
        let upgrader = NIOTypedWebSocketClientUpgrader<Void>(
            maxFrameSize: frameBytes, enableAutomaticErrorHandling: false,
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(handler()) }
            })
        var headers = HTTPHeaders()
        headers.add(name: "Host", value: endpoint.authority)
        headers.add(name: "Sec-WebSocket-Protocol", value: "collab.v1")
        if let token { headers.add(name: "Authorization", value: "Bearer \(token)") }
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: target, headers: headers)
        let upgraded = eventLoop.makePromise(of: Void.self)
        var bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(timeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let name = endpoint.isAddress ? nil : endpoint.host
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: name))
                    }
                    let upgrade = NIOTypedHTTPClientUpgradeConfiguration(
                        upgradeRequestHead: head, upgraders: [upgrader],
                        notUpgradingCompletionHandler: { channel in
                            let refusal = channel.eventLoop.makePromise(of: Void.self)
                            do {
                                try channel.pipeline.syncOperations.addHandler(UpgradeRefusalHandler(refusal))
                            } catch {
                                refusal.fail(error)
                            }
                            return refusal.futureResult
                        })
                    var configuration = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: upgrade)
                    // The server speaks first: its first message may arrive with the answer to the upgrade.
                    configuration.leftOverBytesStrategy = .forwardBytes
                    let outcome = try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
                        configuration: configuration)
                    outcome.cascade(to: upgraded)
                }
            }
        if let source { bootstrap = bootstrap.bind(to: source) }
        bootstrap
            .connect(host: endpoint.host, port: endpoint.port)
            .whenComplete { result in
                switch result {
                case .success(let channel):
                    let timer = eventLoop.scheduleTask(in: timeout) { channel.close(promise: nil) }
                    upgraded.futureResult.whenComplete { _ in timer.cancel() }
                case .failure(let error): upgraded.fail(error)
                }
            }
        return upgraded.futureResult
    }
}
