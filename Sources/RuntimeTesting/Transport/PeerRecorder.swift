package import CollabModel
internal import DequeModule
package import PeerProtocol
package import RuntimePorts
internal import Synchronization

/// Keeps what a stream delivered, for a test that waits for it.
package final class PeerRecorder<Incoming: Sendable>: Sendable {
    private struct State {
        var events = Deque<PeerStreamEvent<Incoming>>()
        var waiter: CheckedContinuation<PeerStreamEvent<Incoming>, Never>?
    }

    private let state = Mutex(State())

    package init() {}

    /// To be given to a transport.
    package var handler: @Sendable (PeerStreamEvent<Incoming>) -> Void {
        { event in
            let waiter = self.state.withLock { state -> CheckedContinuation<PeerStreamEvent<Incoming>, Never>? in
                if let waiter = state.waiter {
                    state.waiter = nil
                    return waiter
                }
                state.events.append(event)
                return nil
            }
            waiter?.resume(returning: event)
        }
    }

    /// The next event, waited for. One task at a time.
    package func next() async -> PeerStreamEvent<Incoming> {
        await withCheckedContinuation { continuation in
            let event = state.withLock { state -> PeerStreamEvent<Incoming>? in
                if let event = state.events.popFirst() { return event }
                state.waiter = continuation
                return nil
            }
            if let event { continuation.resume(returning: event) }
        }
    }

    /// The next message; throws when the stream ends. Silence is passed over.
    package func message() async throws -> Incoming {
        while true {
            switch await next() {
            case .message(let message): return message
            case .silent, .heard: continue
            case .ended(let failure): throw failure
            }
        }
    }

    /// What the stream ended with. Messages before it are passed over.
    package func end() async -> PeerFailure {
        while true {
            if case .ended(let failure) = await next() { return failure }
        }
    }

    /// How many events have come and were not taken.
    package var waiting: Int { state.withLock { $0.events.count } }
}

/// A service for tests: accepts or declines as it is told, and keeps the streams that it accepted.
package final class RecordingPeerService: PeerService {
    /// One accepted stream.
    package struct Accepted: Sendable {
        package let request: OpenRequest
        package let gateway: NodeIdentity
        package let stream: OwnerStream
        package let events: PeerRecorder<ReplicaFrame>
    }

    private struct State {
        var accepted = Deque<Accepted>()
        var waiter: CheckedContinuation<Accepted, Never>?
    }

    private let state = Mutex(State())
    private let decide: @Sendable (OpenRequest) async -> OpenRefusal?
    private let respond: @Sendable (PeerRequest, NodeIdentity) async -> PeerResponse

    /// - Parameters:
    ///   - decide: why an opening is declined; `nil` accepts it.
    ///   - respond: the answer to a request.
    package init(
        decide: @escaping @Sendable (OpenRequest) async -> OpenRefusal? = { _ in nil },
        respond: @escaping @Sendable (PeerRequest, NodeIdentity) async -> PeerResponse = { _, _ in .notOwner }
    ) {
        self.decide = decide
        self.respond = respond
    }

    package func open(_ request: OpenRequest, from gateway: NodeIdentity) async -> OpenDecision {
        if let refusal = await decide(request) { return .declined(refusal) }
        return .accepted { stream in
            let accepted = Accepted(request: request, gateway: gateway, stream: stream, events: PeerRecorder())
            let waiter = self.state.withLock { state -> CheckedContinuation<Accepted, Never>? in
                if let waiter = state.waiter {
                    state.waiter = nil
                    return waiter
                }
                state.accepted.append(accepted)
                return nil
            }
            waiter?.resume(returning: accepted)
            return accepted.events.handler
        }
    }

    package func answer(_ request: PeerRequest, from node: NodeIdentity) async -> PeerResponse {
        await respond(request, node)
    }

    /// The next accepted stream, waited for. One task at a time.
    package func nextAccepted() async -> Accepted {
        await withCheckedContinuation { continuation in
            let accepted = state.withLock { state -> Accepted? in
                if let accepted = state.accepted.popFirst() { return accepted }
                state.waiter = continuation
                return nil
            }
            if let accepted { continuation.resume(returning: accepted) }
        }
    }
}
