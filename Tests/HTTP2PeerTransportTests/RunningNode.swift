import CollabModel
import HTTP2PeerTransport
import Logging
import NIOCore
import NIOPosix
import RuntimePorts
import RuntimeTesting
import Synchronization

enum Nodes {
    static func identity(_ name: String, incarnation: Int64 = 1) -> NodeIdentity {
        NodeIdentity(node: NodeID(name)!, incarnation: Incarnation(incarnation))
    }
}

/// Ports below the range from which the system takes those of connections, so that no connection can meet itself.
enum Ports {
    private static let next = Atomic<Int>(0)
    static func take() -> Int { 27_900 + next.add(1, ordering: .relaxed).oldValue % 200 }
}

/// A transport that listens.
struct RunningNode {
    let transport: HTTP2PeerTransport
    let identity: NodeIdentity
    let address: PeerAddress

    init(
        _ name: String, incarnation: Int64 = 1, port: Int? = nil,
        _ adjust: (inout HTTP2PeerTransportConfiguration) -> Void = { _ in }
    ) async throws {
        let identity = Nodes.identity(name, incarnation: incarnation)
        var logger = Logger(label: "peer")
        logger.logLevel = .critical
        for attempt in 0...200 {
            var configuration = HTTP2PeerTransportConfiguration(
                node: identity, cluster: "test", port: port ?? Ports.take())
            adjust(&configuration)
            let transport = try HTTP2PeerTransport(
                configuration: configuration, group: MultiThreadedEventLoopGroup.singleton, logger: logger)
            switch await Self.start(transport) {
            case .success(let bound):
                self.transport = transport
                self.identity = identity
                self.address = PeerAddress(host: configuration.host, port: bound)
                return
            case .failure(let error):
                // Another program may have the port.
                guard error.isRetryable && port == nil && attempt < 200 else { throw error }
            }
        }
        preconditionFailure("the last attempt throws")
    }

    private static func start(_ transport: HTTP2PeerTransport) async -> Result<Int, PeerTransportError> {
        do throws(PeerTransportError) {
            return .success(try await transport.start())
        } catch {
            return .failure(error)
        }
    }
}

extension HTTP2PeerTransportConfiguration {
    /// Quick, and yet far above what a loaded machine delays.
    mutating func hurry() {
        heartbeat.interval = .milliseconds(50)
        heartbeat.silence = .milliseconds(400)
        heartbeat.abandonment = .milliseconds(1_200)
        dialTimeout = .milliseconds(500)
        shutdownGrace = .milliseconds(500)
    }
}
