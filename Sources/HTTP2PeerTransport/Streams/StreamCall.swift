internal import NIOCore
internal import PeerProtocol
internal import RuntimePorts

/// Receives a stream's events, in the direction that its role has.
enum StreamSink: Sendable {
    /// At a replica: what its owner says.
    case replica(@Sendable (PeerStreamEvent<OwnerFrame>) -> Void)
    /// At an owner: what a replica says.
    case owner(@Sendable (PeerStreamEvent<ReplicaFrame>) -> Void)

    func deliver(frame: UnsafeRawBufferPointer) throws(PeerCodecError) {
        switch self {
        case .replica(let handler): handler(.message(try OwnerFrame(frame: frame)))
        case .owner(let handler): handler(.message(try ReplicaFrame(frame: frame)))
        }
    }

    func silenceChanged(isSilent: Bool) {
        switch self {
        case .replica(let handler): handler(isSilent ? .silent : .heard)
        case .owner(let handler): handler(isSilent ? .silent : .heard)
        }
    }

    func ended(_ failure: PeerFailure) {
        switch self {
        case .replica(let handler): handler(.ended(failure))
        case .owner(let handler): handler(.ended(failure))
        }
    }
}

/// A replica waits for the answer to its opening. Resumed exactly once, by the exchange that holds it or, when the
/// connection did not take it, by whoever made it.
struct StreamCall: Sendable {
    let handle: StreamHandle
    let frame: [UInt8]
    let deadline: NIODeadline
    let handler: @Sendable (PeerStreamEvent<OwnerFrame>) -> Void
    let continuation: CheckedContinuation<Result<OpenResult, PeerFailure>, Never>

    func fail(_ failure: PeerFailure) { continuation.resume(returning: .failure(failure)) }
}

/// A request waits for its answer. Resumed exactly once, like ``StreamCall``.
struct UnaryCall: Sendable {
    let id: UInt64
    let frame: [UInt8]
    let deadline: NIODeadline
    let continuation: CheckedContinuation<Result<PeerResponse, PeerFailure>, Never>

    func fail(_ failure: PeerFailure) { continuation.resume(returning: .failure(failure)) }
}
