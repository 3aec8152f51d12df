internal import CollabModel
internal import Delta
internal import DocumentCore
internal import Randomness

/// Somebody who edits a document: the production client machine, driven as the Swift client drives it, typing, losing
/// connections and coming back to any node.
final class SimulatedEditor {
    let number: Int
    let name: String
    let document: DocumentID
    let host: SimulatedHost
    let process: SimulatedProcess
    private(set) var machine: ClientMachine
    private unowned let world: SimulatedWorld
    private let profile: ClientProfile
    private var random: SplitMix64
    private var typist: Typist
    /// The mean time between two edits: most type, some read and type now and then.
    private let interval: Int64
    /// Some may only read, and try to edit nevertheless.
    private let permission: Permission
    /// How many operations were sent on the present connection.
    private var sessionOperations = 0
    /// Some of the operations that were sent.
    private var sent: [ClientMessage] = []

    private var connection: SimulatedConnection?
    private var session: GatewaySession?
    /// The present connection's name in the history.
    private(set) var sessionName: String?
    /// The version that the present connection asked to go on from.
    private var resumedAt: Version?
    private var attempt = 0
    private var isIntroduced = false
    private var lastQuickReconnect: Int64 = -1_000_000
    private var target: Int
    private var tickTimer: EventQueue.ID?
    private var tickTime: Int64?
    private var typingTimer: EventQueue.ID?
    private(set) var isGone = false
    /// Whether the editor makes edits by itself.
    var isTyping = true
    /// Where it connects; `nil`: anywhere.
    var fixedNode: Int?

    private static let openTimeout: Int64 = 5_000_000

    init(_ number: Int, name: String, document: DocumentID, in world: SimulatedWorld, seed: UInt64, isGuest: Bool) {
        self.number = number
        self.name = name
        self.document = document
        self.world = world
        random = SplitMix64(seed: seed)
        typist = Typist(seed: seed ^ 0x7E57)
        permission = isGuest && Int.random(in: 0..<8, using: &random) == 0 ? .view : .edit
        let isQuiet = permission < .edit || Int.random(in: 0..<3, using: &random) == 0
        interval = world.plan.editInterval * (isQuiet ? 200 : 1)
        process = world.scheduler.makeProcess(name)
        let near = Int64.random(in: 200...2_000, using: &random)
        host = world.network.addHost(name, distance: near...near * 4)
        target = Int.random(in: 0..<world.nodes.count, using: &random)
        profile = ClientProfile(userID: UserID(name) ?? world.anyUser, name: name, color: "#336699")
        machine = ClientMachine(operationPrefix: name, seed: seed ^ 0xBAC0FF)
    }

    var isSettled: Bool { machine.isLive && machine.isSaved }

    // MARK: Life

    func start() {
        world.scheduler.run(as: process) {
            perform(machine.handle(.connect, now: now))
            scheduleEdit()
        }
    }

    /// The person closes the lid: nothing is said to anybody, what was not saved is gone.
    func vanish() {
        isGone = true
        if let typingTimer { world.scheduler.cancel(typingTimer) }
        if let tickTimer { world.scheduler.cancel(tickTimer) }
        connection?.abandon(0, .silent)
        letGo(nil)
        world.scheduler.end(process)
    }

    /// Leaves this node and goes to another one.
    func moveOn() {
        guard !isGone, let connection else { return }
        connection.close(from: 0)
        lost(connection, code: nil)
    }

    private var now: Int64 { process.time.monotonic(world.scheduler.now) }

    // MARK: Editing

    private func scheduleEdit() {
        guard !isGone else { return }
        let wait = Int64.random(in: 0...2 * interval, using: &random)
        typingTimer = world.scheduler.after(wait, as: process) { [self] in
            if isTyping, world.isTypingAllowed { type() }
            scheduleEdit()
        }
    }

    private func type() {
        guard let content = machine.content else { return }
        // Somebody who is offline types less.
        if !machine.isLive, Int.random(in: 0..<4, using: &random) > 0 { return }
        if permission < .edit { return trespass(typist.edit(content)) }
        edit(typist.edit(content))
    }

    /// Sends an edit past the machine, which knows that it may not.
    private func trespass(_ delta: Delta) {
        guard let id = OperationID("\(name)-x\(sessionOperations)"), !delta.isEmpty else { return }
        sessionOperations += 1
        world.metrics.count("editors: an edit without permission")
        repeats(.operation(id, base: machine.version, delta, presence: nil))
    }

    /// Makes an edit of the content that the editor sees.
    func edit(_ delta: Delta) {
        guard !isGone, !delta.isEmpty else { return }
        guard let actions = try? machine.edit(delta, now: now) else { return }
        perform(actions)
    }

    // MARK: The machine

    private func perform(_ actions: [ClientAction]) {
        for action in actions { perform(action) }
        armTimer()
    }

    private func perform(_ action: ClientAction) {
        switch action {
        case .open(let position): open(position)
        case .close:
            attempt += 1
            target += 1
            letGo(nil)
        case .send(let message): send(message)
        case .tell(.refused(let delta, let reason)): world.history.refused(delta, reason, of: self)
        case .tell: break
        }
    }

    private func send(_ message: ClientMessage) {
        guard let connection, let session, let sessionName else { return }
        if case .operation(let id, let base, let delta, _) = message {
            world.history.submitted(id, base: base, delta, on: sessionName)
            misbehave(with: message)
        }
        world.scheduler.tell { names in
            names.words(message).map { "\(name) → \(connection.sides[1].host.name): \($0)" }
        }
        connection.send(from: 0) { session.received(message) }
    }

    /// Now and then a connection breaks when an operation is on its way, and a client sends an old operation again: both
    /// are allowed.
    private func misbehave(with message: ClientMessage) {
        guard isTyping else { return }
        if Int.random(in: 0..<150, using: &random) == 0 {
            world.metrics.count("editors: connection broken in mid-operation")
            let number = attempt
            world.scheduler.after(Int64.random(in: 0...8_000, using: &random), as: process) { [self] in
                if attempt == number { moveOn() }
            }
        }
        if Int.random(in: 0..<150, using: &random) == 0, let old = sent.randomElement(using: &random) {
            world.metrics.count("editors: an old operation sent again")
            world.scheduler.after(Int64.random(in: 0...3_000_000, using: &random), as: process) { [self] in
                repeats(old)
            }
        }
        // The first operation of a connection is the one of which the node does not know the client's last operation.
        if sessionOperations == 0, Int.random(in: 0..<20, using: &random) == 0 {
            world.metrics.count("editors: a resync asked for in mid-operation")
            world.scheduler.after(Int64.random(in: 0...3_000, using: &random), as: process) { [self] in
                if let connection, let session, isIntroduced { connection.send(from: 0) { session.received(.resync) } }
            }
        }
        sessionOperations += 1
        if sent.count < 64 { sent.append(message) } else { sent[Int.random(in: 0..<64, using: &random)] = message }
    }

    private func repeats(_ message: ClientMessage) {
        guard !isGone, isIntroduced, let connection, let session, let sessionName else { return }
        if case .operation(let id, let base, let delta, _) = message {
            world.history.submitted(id, base: base, delta, on: sessionName)
        }
        connection.send(from: 0) { session.received(message) }
    }

    private func armTimer() {
        guard !isGone, let deadline = machine.deadline else { return }
        if let tickTime, tickTime <= deadline { return }
        if let tickTimer { world.scheduler.cancel(tickTimer) }
        tickTime = deadline
        let wait = process.time.virtual(max(0, deadline - now))
        tickTimer = world.scheduler.after(wait, as: process) { [self] in
            tickTime = nil
            tickTimer = nil
            if let deadline = machine.deadline, deadline > now {
                armTimer()
            } else {
                perform(machine.handle(.tick, now: now))
            }
        }
    }

    // MARK: Connecting

    private func open(_ position: ResumePosition?) {
        attempt += 1
        let order = machine.takeOrder()
        isIntroduced = false
        let number = attempt
        let node = world.nodes[fixedNode ?? target % world.nodes.count]
        world.scheduler.after(Self.openTimeout, as: process) { [self] in
            if attempt == number, !isIntroduced { openFailed(number) }
        }
        world.network.dial(from: host, as: process, to: node.host) { [self] result in
            switch result {
            case .refused: openFailed(number)
            case .connected(let connection):
                guard attempt == number, !isGone else { return connection.close(from: 0) }
                connected(connection, node, position, order)
            }
        }
    }

    private func connected(
        _ connection: SimulatedConnection, _ node: SimulatedNode, _ position: ResumePosition?,
        _ order: ConnectionOrder
    ) {
        guard let life = node.life, connection.sides[1].process === life.process else {
            connection.close(from: 0)
            return openFailed(attempt)
        }
        self.connection = connection
        connection.sides[0].onEnd = { [self] _ in lost(connection, code: nil) }
        let session = GatewaySession(
            number: world.nextSession(), connection: connection, life: life, editor: self)
        self.session = session
        let fresh = ClientID(.random(using: &random))
        let known = position?.clientID ?? machine.clientID
        if known == nil { world.scheduler.narrator?.call(fresh, name) }
        world.tell {
            "\(self.name) connects to \(node.id)"
                + (position.map { ", resuming at version \($0.version)" } ?? "")
        }
        let request = SessionRequest(
            clientID: known ?? fresh, profile: profile, permission: permission,
            resume: position.map { .init(version: $0.version, digest: $0.digest) }, isNewClient: known == nil,
            order: order)
        let name = "\(self.name).\(attempt)"
        sessionName = name
        resumedAt = position?.version
        sessionOperations = 0
        world.history.opened(name, by: self, on: node.id, as: known)
        perform(machine.handle(.connected, now: now))
        let document = document
        connection.send(from: 0) { life.attach(session, request, to: document) }
    }

    /// The node could not be had, or said nothing.
    private func openFailed(_ number: Int) {
        guard attempt == number, !isIntroduced, !isGone else { return }
        world.tell { "\(self.name) cannot be served by \(world.nodes[fixedNode ?? target % world.nodes.count].id)" }
        attempt += 1
        target += 1
        letGo(nil)
        perform(machine.handle(.connectionClosed(code: nil), now: now))
    }

    /// The present connection is over.
    private func letGo(_ code: CloseCode?) {
        connection?.close(from: 0)
        connection = nil
        session = nil
        if let sessionName { world.history.closed(sessionName, code) }
        sessionName = nil
    }

    private func lost(_ connection: SimulatedConnection, code: CloseCode?) {
        guard self.connection === connection else { return }
        world.tell {
            "\(self.name) loses the connection to \(connection.sides[1].host.name)"
                + (code.map { ", code \($0.rawValue)" } ?? "")
        }
        letGo(code)
        attempt += 1
        target += 1
        let wasIntroduced = isIntroduced
        isIntroduced = false
        perform(machine.handle(.connectionClosed(code: code?.rawValue), now: now))
        let time = world.scheduler.now
        guard wasIntroduced, code == nil, !isGone, time - lastQuickReconnect >= 1_000_000 else { return }
        lastQuickReconnect = time
        let number = attempt
        world.scheduler.after(Int64.random(in: 0...10_000, using: &random), as: process) { [self] in
            if attempt == number, !isGone { perform(machine.handle(.connect, now: now)) }
        }
    }

    // MARK: What the node says

    func closed(by code: CloseCode, on connection: SimulatedConnection) {
        guard self.connection === connection else { return }
        connection.close(from: 0)
        lost(connection, code: code)
        // What ends a client for good ends it; the person reloads the page.
        if machine.hasEnded { reload() }
    }

    private func reload() {
        world.scheduler.after(1_000_000, as: process) { [self] in
            if !isGone { perform(machine.handle(.connect, now: now)) }
        }
    }

    func received(_ event: SessionEvent, on connection: SimulatedConnection) {
        guard self.connection === connection, !isGone else { return }
        isIntroduced = true
        for message in ServerMessage.messages(of: event, for: machine.clientID) {
            world.scheduler.tell { names in
                names.words(message).map { "\(connection.sides[1].host.name) → \(name): \($0)" }
            }
            if let sessionName { world.history.received(message, on: sessionName, resumedAt: resumedAt) }
            perform(machine.handle(.received(message), now: now))
        }
    }
}
