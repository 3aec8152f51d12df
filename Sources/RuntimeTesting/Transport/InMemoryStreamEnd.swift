internal import CollabModel
internal import DequeModule
internal import PeerProtocol
internal import RuntimePorts
internal import Synchronization

/// One end of a stream: what has arrived and is not delivered, and what the other end has not been delivered of ours.
final class InMemoryStreamEnd: Sendable {
    enum Signal: Sendable {
        case frame([UInt8])
        case silent
        case heard
        case ended(PeerFailure)
    }

    private struct State {
        var isOpen = true
        var isPaused = false
        var isDelivering = false
        /// Messages and the end behind them, in order.
        var held = Deque<Signal>()
        var outstandingBytes = 0
        var sink: (@Sendable (Signal) -> Void)?
    }

    let id: UInt64
    /// Where this end is.
    let local: PeerAddress
    let peer: PeerAddress
    private let network: InMemoryPeerNetwork
    private let state = Mutex(State())
    private let otherEnd = Mutex<InMemoryStreamEnd?>(nil)

    init(id: UInt64, local: PeerAddress, peer: PeerAddress, network: InMemoryPeerNetwork) {
        self.id = id
        self.local = local
        self.peer = peer
        self.network = network
    }

    var outward: InMemoryPeerNetwork.LinkID { .init(from: local, to: peer) }
    var inward: InMemoryPeerNetwork.LinkID { .init(from: peer, to: local) }
    var other: InMemoryStreamEnd? { otherEnd.withLock { $0 } }

    func connect(_ other: InMemoryStreamEnd) { otherEnd.withLock { $0 = other } }

    /// Delivers what arrives from now on.
    func deliver(to sink: @escaping @Sendable (Signal) -> Void) {
        state.withLock { $0.sink = sink }
        deliverHeld()
    }

    // MARK: Sending

    func send(_ frame: [UInt8]) -> Bool {
        enum Outcome { case sent, refused, overflow }
        let outcome: Outcome = state.withLock { state in
            guard state.isOpen else { return .refused }
            guard state.outstandingBytes < network.boundBytes else { return .overflow }
            state.outstandingBytes += frame.count
            return .sent
        }
        switch outcome {
        case .refused:
            return false
        case .sent:
            network.carry(outward) { self.other?.receive(.frame(frame)) }
            return true
        case .overflow:
            // Ends as on a real transport, from elsewhere than the sender's own call.
            network.carry(outward) { self.other?.receive(.ended(.overflow)) }
            Task { self.receive(.ended(.overflow)) }
            return false
        }
    }

    func close() {
        guard leave() else { return }
        network.carry(outward) { self.other?.receive(.ended(.closed)) }
    }

    /// The process is gone: nothing is delivered here any more.
    func abandonLocally() { _ = leave() }

    private func leave() -> Bool {
        let wasOpen = state.withLock { state in
            defer {
                state.isOpen = false
                state.sink = nil
                state.held.removeAll()
            }
            return state.isOpen
        }
        network.forget(self)
        return wasOpen
    }

    private func delivered(_ bytes: Int) { state.withLock { $0.outstandingBytes -= bytes } }

    // MARK: Receiving

    func receive(_ signal: Signal) {
        let direct = state.withLock { state -> (@Sendable (Signal) -> Void)? in
            guard state.isOpen else { return nil }
            switch signal {
            case .silent, .heard: return state.sink
            case .ended(.closed), .frame: state.held.append(signal)
            case .ended:
                // A stream that broke drops what it holds back.
                state.held.removeAll()
                state.held.append(signal)
                state.isPaused = false
            }
            return nil
        }
        direct?(signal)
        deliverHeld()
    }

    func pauseReading() { state.withLock { $0.isPaused = true } }

    func resumeReading() {
        state.withLock { $0.isPaused = false }
        deliverHeld()
    }

    private func deliverHeld() {
        while true {
            let next = state.withLock { state -> (Signal, @Sendable (Signal) -> Void)? in
                guard let sink = state.sink, !state.isPaused, !state.isDelivering, let next = state.held.popFirst()
                else {
                    return nil
                }
                state.isDelivering = true
                return (next, sink)
            }
            guard let (signal, sink) = next else { return }
            if case .ended = signal { _ = leave() }
            if case .frame(let bytes) = signal { other?.delivered(bytes.count) }
            sink(signal)
            state.withLock { $0.isDelivering = false }
        }
    }
}

/// The port's stream over an end.
final class InMemoryPeerStream<Outgoing: PeerFramed>: PeerStream {
    private let end: InMemoryStreamEnd
    init(_ end: InMemoryStreamEnd) { self.end = end }
    func send(_ message: Outgoing) -> Bool { end.send(message.encodedFrame) }
    func close() { end.close() }
    func pauseReading() { end.pauseReading() }
    func resumeReading() { end.resumeReading() }
}
