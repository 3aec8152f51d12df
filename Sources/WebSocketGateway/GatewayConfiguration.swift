package import SessionProtocol

/// The limits and times of a gateway (guarantee G10). Sizes in bytes.
package struct GatewayConfiguration: Sendable {
    /// What a client is told in `init` and held to: frame and operation sizes, operations per second.
    package var limits = SessionLimits()
    /// Operations that a session may send at once before ``SessionLimits/operationsPerSecond`` holds it back.
    package var operationBurst = 1_000
    /// Messages of any kind that a session may send in a second, and at once; more closes the session.
    package var messagesPerSecond = 2_000
    package var messageBurst = 4_000
    /// Messages that break the protocol before the session is closed.
    package var toleratedViolations = 8
    /// Sessions of this node, and of one document on this node.
    package var sessionsPerNode = 20_000
    package var sessionsPerDocument = 2_000
    /// Bytes that may wait for a session's socket before nothing more is sent to it; half of it lets it go on.
    package var outboxBytes = 1 << 20
    /// Time without hearing from a client after which it is pinged, and after which an unanswered ping ends the session.
    package var pingAfter: Duration = .seconds(15)
    package var pongWithin: Duration = .seconds(10)
    /// Time for a client to answer a close, and for the ports to admit a session.
    package var closeWithin: Duration = .seconds(5)
    package var admitWithin: Duration = .seconds(10)
    /// Time in which a new connection must have sent its first request, and a kept-alive one its next.
    package var requestWithin: Duration = .seconds(60)
    /// The secret of ``ClientIDMint``, the same on every node.
    package var clientIDKey: [UInt8]

    package init(clientIDKey: [UInt8]) { self.clientIDKey = clientIDKey }
}
