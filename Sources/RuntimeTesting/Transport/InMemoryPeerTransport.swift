package import CollabModel
package import PeerProtocol
package import RuntimePorts
internal import Synchronization

/// A node's transport on an ``InMemoryPeerNetwork``.
package struct InMemoryPeerTransport: PeerTransport {
    let network: InMemoryPeerNetwork
    /// The life of the node that this transport belongs to.
    package let identity: NodeIdentity
    /// Where the node's peers find it.
    package let address: PeerAddress

    /// Sets who answers peers.
    package func setService(_ service: any PeerService) {
        network.state.withLock { state in
            if state.nodes[address]?.identity == identity { state.nodes[address]?.service = service }
        }
    }

    package func open(
        _ request: OpenRequest, to peer: PeerAddress, timeout: Duration,
        handler: @escaping @Sendable (PeerStreamEvent<OwnerFrame>) -> Void
    ) async throws(PeerFailure) -> OpenResult {
        let frame = request.encodedFrame
        return try await call(peer, timeout) { service, pending in
            guard let request = try? OpenRequest(frame: frame) else { return malformed(pending, peer) }
            switch await service.open(request, from: identity) {
            case .declined(let refusal):
                let frame = refusal.encodedFrame
                back(from: peer) {
                    pending.resume(Result { try OpenRefusal(frame: frame) }.map { .declined($0) }.asPeerFailure)
                }
            case .accepted(let attach):
                let (replica, owner) = network.connect(replica: address, owner: peer)
                // The answer travels first: what the owner sends from `attach` on arrives behind it.
                back(from: peer) {
                    let stream = InMemoryPeerStream<ReplicaFrame>(replica)
                    guard pending.resume(.success(.opened(stream))) else { return replica.close() }
                    replica.deliver { if let event = PeerStreamEvent<OwnerFrame>($0) { handler(event) } }
                }
                let ownerHandler = attach(InMemoryPeerStream<OwnerFrame>(owner))
                owner.deliver { if let event = PeerStreamEvent<ReplicaFrame>($0) { ownerHandler(event) } }
            }
        }
    }

    package func request(
        _ request: PeerRequest, to peer: PeerAddress, timeout: Duration
    ) async throws(PeerFailure) -> PeerResponse {
        let frame = request.encodedFrame
        return try await call(peer, timeout) { service, pending in
            guard let request = try? PeerRequest(frame: frame) else { return malformed(pending, peer) }
            let answer = await service.answer(request, from: identity).encodedFrame
            back(from: peer) { pending.resume(Result { try PeerResponse(frame: answer) }.asPeerFailure) }
        }
    }

    package func probe(_ peer: PeerAddress, timeout: Duration) async throws(PeerFailure) {
        _ = try await request(.probe, to: peer, timeout: timeout)
    }

    // MARK: Calls

    private func back(from peer: PeerAddress, _ deliver: @escaping @Sendable () -> Void) {
        network.carry(.init(from: peer, to: address), deliver)
    }

    private func malformed<Success>(_ pending: PendingCall<Success>, _ peer: PeerAddress) {
        back(from: peer) { pending.resume(.failure(.protocolError("malformed request"))) }
    }

    private func call<Success: Sendable>(
        _ peer: PeerAddress, _ timeout: Duration,
        _ serve: @escaping @Sendable (any PeerService, PendingCall<Success>) async -> Void
    ) async throws(PeerFailure) -> Success {
        if let fault = network.nextFault() { throw fault }
        let pending = PendingCall<Success>()
        // Unstructured, both: a wire and a clock go on whatever their caller does. Each ends with its one step.
        let timer = Task { [clock = network.clock] in
            do { try await clock.sleep(for: timeout) } catch { return }
            pending.resume(.failure(.silent))
        }
        defer { timer.cancel() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard pending.wait(continuation) else { return }
                network.carry(.init(from: address, to: peer)) { arrive(at: peer, pending, serve) }
            }
        } onCancel: {
            pending.resume(.failure(.closed))
        }
        return try result.get()
    }

    private func arrive<Success>(
        at peer: PeerAddress, _ pending: PendingCall<Success>,
        _ serve: @escaping @Sendable (any PeerService, PendingCall<Success>) async -> Void
    ) {
        let node = network.state.withLock { $0.nodes[peer] }
        guard let node else { return back(from: peer) { pending.resume(.failure(.refused)) } }
        guard let service = node.service else { return back(from: peer) { pending.resume(.failure(.closed)) } }
        Task { await serve(service, pending) }
    }
}

/// A call's caller, answered once.
final class PendingCall<Success: Sendable>: Sendable {
    private typealias Continuation = CheckedContinuation<Result<Success, PeerFailure>, Never>
    private enum State {
        case idle
        case waiting(Continuation)
        case early(Result<Success, PeerFailure>)
        case answered
    }

    private let state = Mutex(State.idle)

    /// `false`: it has been answered already, and the continuation is resumed.
    func wait(_ continuation: CheckedContinuation<Result<Success, PeerFailure>, Never>) -> Bool {
        let early = state.withLock { state -> Result<Success, PeerFailure>? in
            if case .early(let result) = state {
                state = .answered
                return result
            }
            state = .waiting(continuation)
            return nil
        }
        if let early { continuation.resume(returning: early) }
        return early == nil
    }

    /// `false`: somebody else has answered.
    @discardableResult
    func resume(_ result: Result<Success, PeerFailure>) -> Bool {
        let (isFirst, continuation) = state.withLock { state -> (Bool, Continuation?) in
            switch state {
            case .idle:
                state = .early(result)
                return (true, nil)
            case .waiting(let continuation):
                state = .answered
                return (true, continuation)
            case .early, .answered:
                return (false, nil)
            }
        }
        continuation?.resume(returning: result)
        return isFirst
    }
}

extension Result where Failure == any Error {
    fileprivate var asPeerFailure: Result<Success, PeerFailure> { mapError { .protocolError("\($0)") } }
}

extension PeerStreamEvent where Incoming: PeerFramed {
    /// What a signal of an end says; `nil` for bytes that are no frame, which no codec of ours writes.
    fileprivate init?(_ signal: InMemoryStreamEnd.Signal) {
        switch signal {
        case .frame(let bytes):
            guard let frame = try? Incoming(frame: bytes) else { return nil }
            self = .message(frame)
        case .silent: self = .silent
        case .heard: self = .heard
        case .ended(let failure): self = .ended(failure)
        }
    }
}

extension InMemoryPeerNetwork {
    func connect(replica: PeerAddress, owner: PeerAddress) -> (replica: InMemoryStreamEnd, owner: InMemoryStreamEnd) {
        let ends = state.withLock { state in
            let first = InMemoryStreamEnd(id: state.makeID(), local: replica, peer: owner, network: self)
            let second = InMemoryStreamEnd(id: state.makeID(), local: owner, peer: replica, network: self)
            state.streams[first.id] = first
            state.streams[second.id] = second
            return (first, second)
        }
        ends.0.connect(ends.1)
        ends.1.connect(ends.0)
        return ends
    }

    func forget(_ end: InMemoryStreamEnd) { state.withLock { $0.streams[end.id] = nil } }

    func nextFault() -> PeerFailure? {
        state.withLock { state in
            state.calls += 1
            return state.faults.removeValue(forKey: state.calls)
        }
    }
}
