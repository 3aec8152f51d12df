internal import RuntimePorts

/// A node's own connection to one peer: dialled when it is used, dialled again after it was lost.
final class PeerLink {
    private enum State {
        case idle
        case dialling
        case connected(SimulatedConnection, PeerStreams)
    }

    private let transport: SimulatedPeerTransport
    private let peer: SimulatedHost
    private var state = State.idle
    private var attempt = 0
    private var ticket = 0
    /// Calls that are under way, by ticket: told once the connection is there, and when it fails.
    private var calls: [Int: (Result<SimulatedConnection, PeerFailure>) -> Void] = [:]
    private var waiting: [Int] = []

    private static let dialTimeout: Int64 = 2_000_000

    init(transport: SimulatedPeerTransport, peer: SimulatedHost) {
        self.transport = transport
        self.peer = peer
    }

    var streams: PeerStreams? { if case .connected(_, let streams) = state { streams } else { nil } }

    /// The transport at the other end, as it is now.
    var remote: SimulatedPeerTransport? { peer.transport }

    /// Calls `ready` with the connection, or with why there is none; and again with a failure when the connection is
    /// lost before ``finish(_:)``.
    func use(_ ready: @escaping (Result<SimulatedConnection, PeerFailure>) -> Void) -> Int {
        ticket += 1
        calls[ticket] = ready
        switch state {
        case .connected(let connection, _): ready(.success(connection))
        case .dialling: waiting.append(ticket)
        case .idle:
            waiting.append(ticket)
            dial()
        }
        return ticket
    }

    func finish(_ ticket: Int) {
        calls[ticket] = nil
        waiting.removeAll { $0 == ticket }
    }

    func sever() {
        if case .connected(_, let streams) = state { streams.abandon() }
        state = .idle
        failAll(.closed)
    }

    private func dial() {
        state = .dialling
        attempt += 1
        let number = attempt
        let scheduler = transport.network.scheduler
        scheduler.after(Self.dialTimeout, as: transport.process) { [self] in
            guard case .dialling = state, attempt == number else { return }
            state = .idle
            failAll(.silent)
        }
        transport.network.dial(from: transport.host, as: transport.process, to: peer, hasHeartbeats: true) {
            [self] result in
            guard case .dialling = state, attempt == number, !transport.hasEnded else {
                if case .connected(let connection) = result { connection.close(from: 0) }
                return
            }
            switch result {
            case .refused:
                state = .idle
                failAll(.refused)
            case .connected(let connection): connected(connection)
            }
        }
    }

    private func connected(_ connection: SimulatedConnection) {
        let streams = PeerStreams(
            connection: connection, side: 0, bound: transport.streamBound, encodes: transport.encodes)
        state = .connected(connection, streams)
        streams.onEnd = { [self] failure in
            guard case .connected(let current, _) = state, current === connection else { return }
            state = .idle
            failAll(failure)
        }
        let ready = waiting
        waiting = []
        for ticket in ready { calls[ticket]?(.success(connection)) }
    }

    private func failAll(_ failure: PeerFailure) {
        waiting = []
        let failing = calls
        calls = [:]
        for ticket in failing.keys.sorted() { failing[ticket]?(.failure(failure)) }
    }
}
