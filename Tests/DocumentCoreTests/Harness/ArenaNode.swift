import CollabModel
import Delta
import DocumentCore

/// A node: a replica of the document, its stream to the owner, the sessions of its editors.
final class ArenaNode {
    let number: Int
    unowned let arena: Arena
    private(set) var replica: ReplicaMachine
    private(set) var isAlive = true
    private var sessions: [SessionToken: ArenaConnection] = [:]
    private var nextToken: UInt64 = 1
    private var link:
        (owner: ArenaOwner, stream: StreamID, up: Channel<ReplicaMessage>, down: Channel<(Epoch, OwnerMessage)>)?
    private var isLinking = false
    private var life = 0
    private var full: [SessionToken] = []

    init(number: Int, arena: Arena) {
        self.number = number
        self.arena = arena
        replica = ReplicaMachine(document: sampleDocument, gateway: identity(number), limits: arena.limits)
    }

    func replicaTick() { if isAlive { give(.tick) } }

    func give(_ input: ReplicaInput) {
        guard isAlive else { return }
        perform(replica.handle(input, now: arena.scheduler.now))
        if link == nil, replica.sessionCount > 0 { openLink() }
    }

    // MARK: Editors

    func connect(_ connection: ArenaConnection, _ request: SessionRequest) -> SessionToken {
        let token = SessionToken(nextToken)
        nextToken += 1
        sessions[token] = connection
        give(.attach(token, request))
        return token
    }

    func disconnect(_ token: SessionToken) {
        guard sessions.removeValue(forKey: token) != nil else { return }
        give(.detach(token))
    }

    func fillOutbox() {
        guard let token = sessions.keys.sorted().randomElement(using: &arena.random) else { return }
        full.append(token)
        give(.outboxFull(token))
        arena.scheduler.after(arena.draw(10_000...3_000_000)) { [self] in drain(token) }
    }

    func drainOutboxes() { for token in full { drain(token) } }

    private func drain(_ token: SessionToken) {
        guard let index = full.firstIndex(of: token) else { return }
        full.remove(at: index)
        give(.outboxDrained(token))
    }

    // MARK: The stream to the owner

    func loseLink(to owner: ArenaOwner? = nil) {
        guard let link, owner == nil || link.owner === owner else { return }
        self.link = nil
        link.up.cut()
        link.down.cut()
        arena.scheduler.after(arena.draw(100...20_000)) { link.owner.closed(link.stream) }
        give(.linkLost)
    }

    private func openLink() {
        guard !isLinking else { return }
        isLinking = true
        let life = self.life
        arena.locate { [self] owner in
            guard life == self.life else { return }
            isLinking = false
            guard isAlive, link == nil, owner.isAlive else {
                arena.scheduler.after(10_000) { [self] in
                    if isAlive, link == nil, replica.sessionCount > 0 { openLink() }
                }
                return
            }
            let delay: () -> Int64 = { [arena] in arena.draw(50...2_000) }
            let down = Channel<(Epoch, OwnerMessage)>(arena.scheduler, delay: delay) { [self] epoch, message in
                receive(epoch, message, from: owner)
            }
            let stream = owner.open(replica.hello, down)
            let up = Channel<ReplicaMessage>(arena.scheduler, delay: delay) { message in
                owner.give(.message(stream, message))
            }
            link = (owner, stream, up, down)
        }
    }

    private func receive(_ epoch: Epoch, _ message: OwnerMessage, from owner: ArenaOwner) {
        guard isAlive, let link, link.owner === owner else { return }
        give(.message(epoch, message))
        if case .end = message { loseLink(to: owner) }
    }

    // MARK: Dying

    func crash() {
        guard isAlive else { return }
        isAlive = false
        life += 1
        for owner in arena.owners where owner.node === self { owner.die() }
        if let owner = arena.owner, owner.node === self { arena.owner = nil }
        if let link {
            link.up.cut()
            link.down.cut()
            arena.scheduler.after(arena.draw(100...5_000)) { link.owner.closed(link.stream) }
        }
        link = nil
        isLinking = false
        for token in sessions.keys.sorted() { sessions[token]?.lost() }
        sessions = [:]
        for node in arena.nodes where node !== self {
            if let link = node.link, link.owner.node === self {
                arena.scheduler.after(arena.draw(100...5_000)) { node.loseLink(to: link.owner) }
            }
        }
        arena.scheduler.after(arena.draw(200_000...2_000_000)) { [self] in
            replica = ReplicaMachine(document: sampleDocument, gateway: identity(number), limits: arena.limits)
            isAlive = true
        }
    }

    // MARK: Actions

    private func perform(_ actions: [ReplicaAction]) {
        for action in actions {
            switch action {
            case .toOwner(let message): link?.up.send(message)
            case .send(let token, let event): sessions[token]?.tell(event)
            case .fanOut(let batch, let tokens):
                for token in tokens {
                    if batch.operations.contains(where: { $0.clientID == sessions[token]?.editor.clientID }) {
                        arena.violate("a session's own operation was fanned out")
                    }
                    sessions[token]?.tell(.commits(batch.operations))
                }
            case .fanOutEvent(let event, let tokens): for token in tokens { sessions[token]?.tell(event) }
            case .close(let token, let code, _): sessions.removeValue(forKey: token)?.close(code)
            case .read(let question, let after, let through):
                later { [self] in
                    give(
                        .read(
                            question, arena.log.isReachable ? arena.log.operations(after: after, through: through) : nil
                        ))
                }
            case .lookUpLast(let question, let client, let through):
                later { [self] in give(.lastOperation(question, arena.log.last(of: client, through: through))) }
            case .dropLink: loseLink()
            case .idle, .observe: break
            }
        }
    }

    private func later(_ action: @escaping () -> Void) {
        let life = self.life
        arena.scheduler.after(arena.draw(200...3_000)) { [self] in if life == self.life { action() } }
    }
}
