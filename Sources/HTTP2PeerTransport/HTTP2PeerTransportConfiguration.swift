package import CollabModel
internal import NIOCore
internal import PeerProtocol

/// What a node's transport needs to know.
package struct HTTP2PeerTransportConfiguration: Sendable {
    /// Who this node is to its peers.
    package var node: NodeIdentity
    /// Peers of another cluster are refused. 1 to 63 letters, digits, `-`, `_` or `.`.
    package var cluster: String
    /// The host to listen on.
    package var host: String
    /// The port to listen on; 0 lets the system choose.
    package var port: Int
    /// The IP address to dial from; `nil` lets the system choose.
    package var sourceHost: String?
    /// Mutual TLS; without it, only loopback is listened on.
    package var tls: PeerTLS?
    /// The version of the peer protocol that this node speaks.
    package var protocolVersion = PeerProtocolVersion.current
    package var heartbeat = HeartbeatTimes()
    /// How long a connection may take from the first packet to the peer's settings.
    package var dialTimeout: Duration = .seconds(2)
    /// What may wait to be sent on a stream before a further message ends it, in bytes. One message may pass it alone.
    package var streamBoundBytes = 8 << 20
    /// The largest request or response outside the streams, in bytes.
    package var unaryBoundBytes = 1 << 20
    /// Requests of one peer that may be answered at once; more are refused.
    package var unansweredRequests = 4_096
    /// Connections that may be accepted at once; more are closed.
    package var acceptedConnections = 1_024
    /// How long a shutdown waits for what is queued to be sent and for requests to be answered.
    package var shutdownGrace: Duration = .seconds(2)

    package init(node: NodeIdentity, cluster: String, host: String = "127.0.0.1", port: Int, tls: PeerTLS? = nil) {
        self.node = node
        self.cluster = cluster
        self.host = host
        self.port = port
        self.tls = tls
    }

    func validate() throws(PeerTransportError) {
        guard NodeID(cluster) != nil else {
            throw PeerTransportError(
                .configuration,
                "the cluster's name is 1 to 63 letters, digits, \"-\", \"_\" or \".\", not \"\(cluster)\"")
        }
        guard (0...65_535).contains(port) else { throw PeerTransportError(.configuration, "\(port) is not a port") }
        if let sourceHost, (try? SocketAddress(ipAddress: sourceHost, port: 0)) == nil {
            throw PeerTransportError(.configuration, "the source host is an IP address, not \"\(sourceHost)\"")
        }
        guard heartbeat.isSound else {
            throw PeerTransportError(
                .configuration, "heartbeats need interval < silence < abandonment, all of them positive")
        }
    }
}
