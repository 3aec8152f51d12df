internal import CollabModel
internal import DocumentCore
internal import RuntimePorts

/// A session as its gateway holds it: what the WebSocket gateway does, without a socket.
///
/// Sound although unchecked: a simulation has one thread.
final class GatewaySession: SessionOutbox, @unchecked Sendable {
    let number: Int
    private let connection: SimulatedConnection
    private let life: NodeLife
    private let editor: SimulatedEditor
    private let scheduler: SimulatedScheduler
    private var inbox: (any SessionInbox)?
    private var isOpen = true
    private var heardAt: Int64
    /// Events that were sent and not taken: a socket that fills.
    private var onTheWay = 0
    private var isFull = false

    private static let bound = 200
    private static let pingAfter: Int64 = 15_000_000
    private static let silence: Int64 = 30_000_000

    init(number: Int, connection: SimulatedConnection, life: NodeLife, editor: SimulatedEditor) {
        self.number = number
        self.connection = connection
        self.life = life
        self.editor = editor
        scheduler = connection.scheduler
        heardAt = scheduler.now
        connection.sides[1].onEnd = { [weak self] _ in self?.over() }
    }

    func begin(_ inbox: any SessionInbox) {
        self.inbox = inbox
        guard isOpen else { return inbox.detach() }
        watch()
    }

    // MARK: To the editor

    func send(_ event: SessionEvent) {
        guard isOpen else { return }
        onTheWay += 1
        if onTheWay > 4 * Self.bound { return close(.overloaded, "the client does not read") }
        if onTheWay > Self.bound, !isFull {
            isFull = true
            inbox?.outboxFull()
        }
        connection.send(from: 1) { [self] in
            arrived()
            editor.received(event, on: connection)
        }
    }

    func send(_ batch: SharedCommitBatch) { send(.commits(batch.batch.operations)) }

    func close(_ code: CloseCode, _ reason: String) {
        guard isOpen else { return }
        connection.send(from: 1) { [self] in editor.closed(by: code, on: connection) }
        connection.close(from: 1)
        over()
    }

    private func arrived() {
        onTheWay -= 1
        guard isFull, onTheWay < Self.bound / 2 else { return }
        isFull = false
        scheduler.after(0, as: life.process) { [self] in if isOpen { inbox?.outboxDrained() } }
    }

    /// The session is over; the runtime is told.
    private func over() {
        guard isOpen else { return }
        isOpen = false
        life.forget(self)
        inbox?.detach()
    }

    /// The process is gone.
    func abandon() {
        isOpen = false
        inbox = nil
    }

    // MARK: From the editor

    func received(_ message: ClientMessage) {
        guard isOpen, let inbox else { return }
        heardAt = scheduler.now
        switch message {
        case .operation(let id, let base, let delta, let presence):
            inbox.submit(id, base: base, delta, presence, trace: nil)
        case .presence(let version, let presence): inbox.presence(version, presence)
        case .resync: inbox.requestResync()
        case .ping: send(.pong)
        }
    }

    /// Pings an editor that says nothing, and gives it up after a while.
    private func watch() {
        scheduler.after(Self.pingAfter, as: life.process) { [weak self] in
            guard let self, isOpen else { return }
            if scheduler.now - heardAt >= Self.silence {
                connection.close(from: 1)
                return over()
            }
            connection.send(from: 1) { [self] in
                connection.send(from: 0) { [self] in heardAt = scheduler.now }
            }
            watch()
        }
    }
}
