internal import CollabModel
internal import HTTP2Session
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import RuntimePorts

/// Makes connections to peers: what a pool asks for.
struct PeerDialler: Sendable {
    let group: any EventLoopGroup
    let configuration: HTTP2PeerTransportConfiguration
    let headers: PeerHeaders
    let tls: PeerTLSContexts?
    let statistics: PeerTransportStatistics
    let logger: Logger

    /// Starts to dial. `events` tells how it goes: `ready`, or `closed` with why not.
    func dial(_ address: PeerAddress, as connection: PeerConnection, events: PeerConnectionEvents) {
        let timeout = TimeAmount(configuration.dialTimeout)
        var bootstrap = ClientBootstrap(group: connection.eventLoop)
            .connectTimeout(timeout)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try install(connection, address, events, on: channel)
                }
            }
        if let source = configuration.sourceHost.flatMap({ try? SocketAddress(ipAddress: $0, port: 0) }) {
            bootstrap = bootstrap.bind(to: source)
        }
        let connected =
            if let socket = try? SocketAddress(ipAddress: address.host, port: address.port) {
                bootstrap.connect(to: socket)
            } else {
                bootstrap.connect(host: address.host, port: address.port)
            }
        connected.whenComplete { result in
            switch result {
            case .failure(let error):
                events.closed(DialFailure.failure(of: error))
            case .success(let channel):
                // A stopped process accepts connections (its kernel does) and says nothing.
                channel.eventLoop.scheduleTask(in: timeout) { _ = connection.enqueue(.giveUpDialling) }
            }
        }
    }

    private func install(
        _ connection: PeerConnection, _ address: PeerAddress, _ events: PeerConnectionEvents, on channel: any Channel
    ) throws {
        if let tls {
            let isAddress = (try? SocketAddress(ipAddress: address.host, port: 0)) != nil
            try channel.pipeline.syncOperations.addHandler(
                NIOSSLClientHandler(context: tls.client, serverHostname: isAddress ? nil : address.host))
        }
        try channel.pipeline.syncOperations.addHandler(
            PeerConnectionHandler(
                role: .client, address: address, connection: connection, configuration: configuration,
                headers: headers, statistics: statistics, logger: logger, service: { nil }, events: events))
    }
}
