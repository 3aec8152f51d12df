import CollabModel
import Delta
import DocumentCore
import JSON

/// One connection of an editor to a node, in both directions: what the gateway and the socket are.
final class ArenaConnection {
    let editor: ArenaEditor
    unowned let node: ArenaNode
    var token: SessionToken?
    private var down: Channel<[ServerMessage]>?
    private var closing: Channel<UInt16?>?
    private(set) var up: Channel<ClientMessage>?
    private var isOver = false

    init(_ editor: ArenaEditor, _ node: ArenaNode, delay: @escaping () -> Int64) {
        self.editor = editor
        self.node = node
        let scheduler = editor.arena.scheduler
        down = Channel(scheduler, delay: delay) { [weak editor] messages in
            for message in messages { editor?.give(.received(message), from: self) }
        }
        closing = Channel(scheduler, delay: { 2_000 }) { [weak editor] code in
            editor?.give(.connectionClosed(code: code), from: self)
        }
        up = Channel(scheduler, delay: delay) { [unowned self] in receive($0) }
    }

    func tell(_ event: SessionEvent) { down?.send(ServerMessage.messages(for: event, to: editor.clientID)) }

    func close(_ code: CloseCode) { finish(code.rawValue) }

    /// The connection breaks: what is on its way in both directions is lost.
    func lost() {
        down?.cut()
        finish(nil)
    }

    private func finish(_ code: UInt16?) {
        guard !isOver else { return }
        isOver = true
        up?.cut()
        closing?.send(code)
    }

    /// The editor gave the connection up; the node notices later.
    func abandon() {
        down?.cut()
        closing?.cut()
        up?.cut()
        isOver = true
        editor.arena.scheduler.after(editor.arena.draw(100...50_000)) { [self] in
            if let token { node.disconnect(token) }
        }
    }

    private func receive(_ message: ClientMessage) {
        guard let token else { return }
        switch message {
        case .operation(let id, let base, let delta, let presence):
            node.give(.submit(token, id, base: base, delta, presence))
        case .presence(let version, let presence): node.give(.presence(token, version, presence))
        case .resync: node.give(.resync(token))
        case .ping: tell(.pong)
        }
    }
}

/// A person at a keyboard with a client machine.
final class ArenaEditor {
    let number: Int
    unowned let arena: Arena
    private(set) var machine: ClientMachine
    let clientID: ClientID
    private var connection: ArenaConnection?
    private var inserted = 0
    /// The marks that this editor has typed, each one unit and typed by nobody else.
    private(set) var marks: [Unicode.Scalar] = []
    private(set) var refusals: [String] = []
    private var isKnown = false

    init(number: Int, arena: Arena, seed: UInt64) {
        self.number = number
        self.arena = arena
        clientID = DocumentCoreTests.clientID(number)
        var configuration = ClientConfiguration()
        configuration.verifiesEveryAck = number.isMultiple(of: 2)
        machine = ClientMachine(
            configuration: configuration, clientID: clientID, operationPrefix: "e\(number)",
            seed: seed &+ UInt64(number))
    }

    func start() {
        perform(machine.handle(.connect, now: arena.scheduler.now))
        tick()
    }

    private func tick() {
        arena.scheduler.after(200_000) { [self] in
            perform(machine.handle(.tick, now: arena.scheduler.now))
            tick()
        }
    }

    func give(_ input: ClientInput, from connection: ArenaConnection) {
        guard connection === self.connection else { return }
        if case .connectionClosed = input { self.connection = nil }
        perform(machine.handle(input, now: arena.scheduler.now))
    }

    func loseConnection() {
        guard let connection else { return }
        connection.abandon()
        self.connection = nil
        perform(machine.handle(.connectionClosed(code: nil), now: arena.scheduler.now))
    }

    /// Types a mark of its own somewhere; sometimes deletes, formats, or moves the cursor as well.
    func edit() {
        guard let length = machine.content?.length,
            let scalar = Unicode.Scalar(UInt32(0xE000 + number * 600 + inserted))
        else { return }
        var delta = Delta()
        let position = Int(arena.draw(0...Int64(length)))
        if position > 0 { delta.retain(position) }
        let kind = arena.draw(1...10)
        if arena.faults.deletes, kind <= 3, position < length {
            delta.delete(Int(arena.draw(1...Int64(min(4, length - position)))))
        } else if kind == 4, position < length {
            delta.retain(1, attributes: arena.chance(50) ? ["bold": true] : ["bold": .null, "size": "large"])
        } else {
            inserted += 1
            marks.append(scalar)
            delta.insert(String(Character(scalar)), attributes: kind == 5 ? ["italic": true] : .none)
        }
        do {
            perform(try machine.edit(delta, now: arena.scheduler.now))
        } catch {
            if delta.ops.contains(where: \.isInsert) { marks.removeLast() }
            if case .invalid = error { arena.violate("an edit of the content itself is invalid: \(error)") }
        }
        if arena.chance(30), let length = machine.content?.length {
            let presence = Presence(cursor: Int(arena.draw(0...Int64(length))))
            perform(machine.handle(.setPresence(presence), now: arena.scheduler.now))
        }
    }

    private func perform(_ actions: [ClientAction]) {
        for action in actions {
            switch action {
            case .open(let position): open(position)
            case .close:
                connection?.abandon()
                connection = nil
            case .send(let message): connection?.up?.send(message)
            case .tell(let event): heard(event)
            }
        }
    }

    private func open(_ position: ResumePosition?) {
        guard let node = arena.nodes.filter(\.isAlive).randomElement(using: &arena.random) else {
            arena.scheduler.after(1_000) { [self] in
                perform(machine.handle(.connectionClosed(code: nil), now: arena.scheduler.now))
            }
            return
        }
        let new = ArenaConnection(self, node) { [arena] in arena.draw(100...5_000) }
        connection = new
        let request = SessionRequest(
            clientID: clientID, profile: profile(number), permission: .edit,
            resume: position.map { .init(version: $0.version, digest: $0.digest) }, isNewClient: !isKnown,
            order: machine.takeOrder())
        isKnown = true
        arena.scheduler.after(arena.draw(200...5_000)) { [self] in
            guard connection === new else { return }
            guard node.isAlive else {
                give(.connectionClosed(code: nil), from: new)
                return
            }
            give(.connected, from: new)
            new.token = node.connect(new, request)
        }
    }

    private func heard(_ event: ClientEvent) {
        switch event {
        case .acknowledged(let id, let version): arena.acknowledged.append((clientID, id, version))
        case .refused(_, let reason): refusals.append(reason)
        case .ended(let code): arena.violate("editor \(number) was ended with \(code)")
        default: break
        }
    }

    /// The document without what is pending.
    var confirmed: DocumentContent? { machine.confirmedContent }
}

extension ServerMessage {
    /// What a gateway makes of an event of a session.
    static func messages(for event: SessionEvent, to client: ClientID) -> [ServerMessage] {
        switch event {
        case .initial(let state): [.initial(WholeDocument(state, isFirst: true))]
        case .resync(let state, let reason, let rejected):
            [.resync(WholeDocument(state, isFirst: true), reason: reason, rejected: rejected)]
        case .catchUp(let clientID, let version, let operations, let clients, let permission, let digest, let head):
            [
                .catchUp(
                    CatchUp(
                        version: version, operations: operations.map { RemoteOperation($0, isNamed: true) },
                        digest: digest, head: head,
                        session: SessionFacts(
                            clientID: clientID, clients: clients, permission: permission, operationBytes: nil)))
            ]
        case .commits(let operations):
            operations.map { operation in
                operation.clientID == client
                    ? .acknowledged(operation.operationID, operation.version, operation.digest)
                    : .operations([RemoteOperation(operation, isNamed: false)])
            }
        case .catchUpOperations(let operations):
            [.operations(operations.map { RemoteOperation($0, isNamed: true) })]
        case .acknowledged(let id, let version, let digest): [.acknowledged(id, version, digest)]
        case .presence(let client, let version, let presence): [.cursor(client, version, presence.cursor)]
        case .clientJoined(let entry): [.clientJoined(entry)]
        case .clientLeft(let entry): [.clientLeft(entry.clientID)]
        case .permission(let permission): [.permission(permission)]
        case .degraded(let message): [.degraded(message)]
        case .restored: [.restored]
        case .error(let code, let message, let id): [.error(code, message, id)]
        case .pong: [.signOfLife]
        }
    }
}

extension WholeDocument {
    init(_ state: SessionState, isFirst: Bool) {
        self.init(
            version: state.version, content: state.content.delta, digest: state.digest,
            lastOperationID: state.lastOperationID,
            session: SessionFacts(
                clientID: state.clientID, clients: state.clients, permission: state.permission, operationBytes: nil))
    }
}

extension RemoteOperation {
    init(_ operation: CommittedOperation, isNamed: Bool) {
        self.init(
            clientID: operation.clientID, operationID: isNamed ? operation.operationID : nil,
            version: operation.version, delta: operation.delta)
    }
}
