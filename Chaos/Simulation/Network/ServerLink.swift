/// What became of a call to a server.
enum CallOutcome<Reply: Sendable>: Sendable {
    case replied(Reply)
    /// There was no connection: nothing was sent.
    case notSent
    /// It was sent, and the answer is lost: the server has acted on it, will, or never did.
    case lost
}

/// A node's connection to a server: made when it is needed, made again when it was lost.
///
/// Sound although unchecked: a simulation has one thread.
final class ServerLink: @unchecked Sendable {
    private enum State {
        case idle
        case dialling
        case connected(SimulatedConnection)
        /// The node's process has ended.
        case severed
    }

    private let network: SimulatedNetwork
    private let host: SimulatedHost
    private let process: SimulatedProcess
    private let server: SimulatedHost
    private var state = State.idle
    private var attempt = 0
    private var waiting: [(Int, send: (SimulatedConnection) -> Void, fail: () -> Void)] = []
    private var outstanding: [Int: () -> Void] = [:]
    private var count = 0
    private var hasBeenConnected = false
    /// Whether a call without an answer in time costs the connection.
    private let closesWhenLate: Bool
    /// Called when the connection is there; whether it had been there before.
    var onConnected: ((_ again: Bool) -> Void)?

    private static let connectTimeout: Int64 = 2_000_000

    init(
        network: SimulatedNetwork, host: SimulatedHost, process: SimulatedProcess, server: SimulatedHost,
        closesWhenLate: Bool
    ) {
        self.network = network
        self.host = host
        self.process = process
        self.server = server
        self.closesWhenLate = closesWhenLate
    }

    var connection: SimulatedConnection? { if case .connected(let connection) = state { connection } else { nil } }

    /// Calls the server.
    ///
    /// - Parameters:
    ///   - timeout: how long the answer is waited for, in microseconds.
    ///   - serve: run at the server, which answers by calling what it is given, or drops the connection.
    func call<Reply: Sendable>(
        within timeout: Int64, _ serve: @escaping (SimulatedConnection, @escaping (Reply) -> Void) -> Void
    ) async -> CallOutcome<Reply> {
        let pending = PendingAnswer<CallOutcome<Reply>>()
        return await pending.wait {
            if case .severed = state { return _ = pending.answer(.notSent) }
            count += 1
            let number = count
            let scheduler = network.scheduler
            let timer = scheduler.after(process.time.virtual(timeout), as: process) { [self] in
                let wasSent = outstanding[number] != nil
                pending.answer(wasSent ? .lost : .notSent)
                if wasSent, closesWhenLate { drop() }
            }
            pending.onAnswer = { [self] in
                scheduler.cancel(timer)
                outstanding[number] = nil
                waiting.removeAll { $0.0 == number }
            }
            let send: (SimulatedConnection) -> Void = { [self] connection in
                outstanding[number] = { pending.answer(.lost) }
                connection.send(from: 0) {
                    serve(connection) { reply in
                        connection.send(from: 1) { pending.answer(.replied(reply)) }
                    }
                }
            }
            if let connection { return send(connection) }
            waiting.append((number, send, { pending.answer(.notSent) }))
            if case .idle = state { dial() }
        }
    }

    /// The node's process has ended: whoever waits is told so, and nothing is sent any more.
    func sever() {
        state = .severed
        failAll()
    }

    private func dial() {
        state = .dialling
        attempt += 1
        let number = attempt
        network.scheduler.after(Self.connectTimeout, as: process) { [self] in
            if case .dialling = state, attempt == number { dialFailed() }
        }
        network.dial(from: host, as: process, to: server) { [self] result in
            guard case .dialling = state, attempt == number else {
                if case .connected(let connection) = result { connection.close(from: 0) }
                return
            }
            guard case .connected(let connection) = result else { return dialFailed() }
            state = .connected(connection)
            connection.sides[0].onEnd = { [self] _ in
                if self.connection === connection { lost() }
            }
            onConnected?(hasBeenConnected)
            hasBeenConnected = true
            let sends = waiting
            waiting = []
            for entry in sends { entry.send(connection) }
        }
    }

    private func dialFailed() {
        state = .idle
        let failing = waiting
        waiting = []
        for entry in failing { entry.fail() }
    }

    private func drop() {
        guard let connection else { return }
        connection.close(from: 0)
        lost()
    }

    private func lost() {
        state = .idle
        failAll()
    }

    private func failAll() {
        let failing = waiting
        waiting = []
        for entry in failing { entry.fail() }
        for number in outstanding.keys.sorted() { outstanding[number]?() }
        outstanding = [:]
    }
}
