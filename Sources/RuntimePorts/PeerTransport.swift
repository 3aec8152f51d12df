package import CollabModel
package import PeerProtocol

/// What a stream or a connection to another node ended with.
package enum PeerFailure: Error, Sendable, Hashable {
    /// The host answered that nobody listens, or reset the connection: the process is gone.
    case refused
    /// No answer in time, or silence on a connection.
    case silent
    /// The connection was closed in order while the stream was open (the process ends or restarts).
    case closed
    /// What waits to be sent passed its bound.
    case overflow
    /// The peer speaks another version of the peer protocol.
    case version(theirs: Int)
    case protocolError(String)
}

/// One direction-pair of messages between a replica and an owner. Sending never blocks.
package protocol PeerStream<Outgoing>: AnyObject, Sendable {
    associatedtype Outgoing: Sendable
    /// Queues a message behind those before it. `false`: the stream is closed or over its bound, and will say so.
    @discardableResult func send(_ message: Outgoing) -> Bool
    /// Sends what is queued, then closes. Nothing is delivered afterwards, not even ``PeerStreamEvent/ended(_:)``.
    func close()
    /// Delivers no further message until ``resumeReading()``: for a receiver whose own queue passed its bound. What the
    /// peer goes on sending fills the stream's window and then the peer's bound; other streams are not disturbed.
    /// `silent`, `heard` and `ended` are still delivered; a stream whose connection breaks drops what it holds back.
    func pauseReading()
    func resumeReading()
}

/// What arrives on a stream. Called in order, from one thread at a time; must return soon.
package enum PeerStreamEvent<Incoming: Sendable>: Sendable {
    case message(Incoming)
    /// Nothing at all has been heard from the peer for a second (its heartbeats come every 250 ms).
    case silent
    /// Something was heard again.
    case heard
    /// The last event.
    case ended(PeerFailure)
}

package typealias ReplicaStream = any PeerStream<ReplicaFrame>
package typealias OwnerStream = any PeerStream<OwnerFrame>

/// What a node does for its peers.
package protocol PeerService: Sendable {
    /// Answers an opened stream. The transport sends `OpenAnswer` and, when it is `accepted`, connects the handler;
    /// `attach` is called once with the stream before any event.
    func open(_ request: OpenRequest, from gateway: NodeIdentity) async -> OpenDecision
    func answer(_ request: PeerRequest, from node: NodeIdentity) async -> PeerResponse
}

package enum OpenDecision: Sendable {
    /// `attach` hands over the stream; the closure that it returns receives its events.
    case accepted(attach: @Sendable (OwnerStream) -> @Sendable (PeerStreamEvent<ReplicaFrame>) -> Void)
    case declined(OpenRefusal)
}

/// Streams and requests to other nodes.
package protocol PeerTransport: Sendable {
    /// Opens a stream. Returns once the peer has accepted or declined it; events are delivered to `handler` from then on,
    /// so that the first of them may come before this returns. `timeout` covers dialling too. A cancelled task gives up
    /// the call, which then fails with ``PeerFailure/closed``.
    func open(
        _ request: OpenRequest, to address: PeerAddress, timeout: Duration,
        handler: @escaping @Sendable (PeerStreamEvent<OwnerFrame>) -> Void
    ) async throws(PeerFailure) -> OpenResult
    func request(_ request: PeerRequest, to address: PeerAddress, timeout: Duration)
        async throws(PeerFailure) -> PeerResponse
    /// Whether the connection to this address works: asks and waits for an answer.
    func probe(_ address: PeerAddress, timeout: Duration) async throws(PeerFailure)
}

package enum OpenResult: Sendable {
    case opened(ReplicaStream)
    case declined(OpenRefusal)
}
