import CollabModel
import Delta
import DocumentCore

/// An owner machine, the streams to it, and its lane to the log.
final class ArenaOwner {
    private(set) var machine: OwnerMachine
    let node: ArenaNode
    unowned let arena: Arena
    private(set) var isAlive = true
    private var isPaused = false
    private var paused: [OwnerInput] = []
    private var streams: [StreamID: Channel<(Epoch, OwnerMessage)>] = [:]
    private var nextStream: UInt64 = 1
    private var lane: [[CommittedOperation]] = []
    private var isAppending = false
    private var turn: [OwnerInput] = []

    init(_ machine: OwnerMachine, node: ArenaNode, arena: Arena) {
        self.machine = machine
        self.node = node
        self.arena = arena
    }

    func open(_ hello: StreamHello, _ channel: Channel<(Epoch, OwnerMessage)>) -> StreamID {
        let stream = StreamID(nextStream)
        nextStream += 1
        guard isAlive else {
            channel.send((machine.epoch, .end(.steppedDown)))
            return stream
        }
        streams[stream] = channel
        give(.streamOpened(stream, hello))
        return stream
    }

    func closed(_ stream: StreamID) {
        guard streams.removeValue(forKey: stream) != nil else { return }
        give(.streamClosed(stream))
    }

    func die() {
        isAlive = false
        for channel in streams.values { channel.cut() }
        streams = [:]
    }

    func pause() { isPaused = true }

    func proceed() {
        isPaused = false
        let inputs = paused
        paused = []
        for input in inputs { give(input) }
        pump()
    }

    func tick() { give(.tick) }

    /// Collects inputs for a moment, as an actor's mailbox does, and handles them in one turn.
    func give(_ input: OwnerInput) {
        guard isAlive else { return }
        guard !isPaused else {
            paused.append(input)
            return
        }
        turn.append(input)
        guard turn.count == 1 else { return }
        arena.scheduler.after(arena.chance(50) ? 0 : 200) { [self] in
            let inputs = turn
            turn = []
            guard isAlive else { return }
            let now = arena.scheduler.now
            perform(machine.handle(batch: inputs, now: now, wallMicroseconds: now))
        }
    }

    private func perform(_ actions: [OwnerAction]) {
        for action in actions {
            switch action {
            case .append(let operations):
                lane.append(operations)
                pump()
            case .send(let stream, let message): send(stream, message)
            case .close(let stream, let end):
                guard let channel = streams.removeValue(forKey: stream) else { continue }
                channel.send((machine.epoch, .end(end)))
            case .lookUp(let question, let client, let operation):
                later { [self] in
                    let row = arena.log.find(operation, of: client)
                    let answer: LookupResult = row.map { .found($0.version, $0.digest) } ?? .absent
                    give(.lookedUp(question, arena.log.isReachable ? answer : .unavailable))
                }
            case .read(let question, let after, let through):
                later { [self] in
                    let rows = arena.log.operations(after: after, through: through)
                    give(.read(question, arena.log.isReachable ? rows : nil))
                }
            case .snapshot(let version, _, let digest):
                if digest != arena.log.rows[Int(version.value) - 1].digest { arena.violate("a snapshot is wrong") }
                later { [self] in give(.snapshotFinished(version, succeeded: arena.chance(80))) }
            case .handOffReady(let successor, let head): offer(successor, head)
            case .stepDown, .reload:
                isAlive = false
                for stream in streams.keys.sorted() { streams[stream]?.send((machine.epoch, .end(.steppedDown))) }
                streams = [:]
                if arena.owner === self { arena.owner = nil }
            case .observe: break
            }
        }
    }

    private func later(_ action: @escaping () -> Void) {
        arena.scheduler.after(arena.draw(200...3_000), action)
    }

    private func send(_ stream: StreamID, _ message: OwnerMessage) {
        if case .commits(let batch) = message {
            for operation in batch.operations {
                let index = Int(operation.version.value) - 1
                if index >= arena.log.rows.count || arena.log.rows[index] != operation {
                    arena.violate("version \(operation.version) was told and is not in the log (G2)")
                }
            }
        }
        streams[stream]?.send((machine.epoch, message))
    }

    private func offer(_ successor: NodeRecord, _ head: Version) {
        if head != arena.log.head, arena.log.epoch == machine.epoch {
            arena.violate("handed off before it was durable")
        }
        guard arena.chance(80) else { return }
        let believed = machine.epoch
        arena.claim(at: arena.nodes.first { record($0.number) == successor }, believed: believed) { [self] claimed in
            guard let claimed, arena.chance(90) else { return }
            later { [self] in give(.handOffConfirmed(claimed.machine.epoch)) }
        }
    }

    // MARK: The log writer

    func logChanged() {
        guard isAlive else { return }
        if arena.log.isReachable {
            give(.logAvailable)
            pump()
        } else {
            give(.logUnavailable("the log cannot be reached"))
        }
    }

    private func pump() {
        guard !isAppending, !isPaused, arena.log.isReachable, !lane.isEmpty else { return }
        isAppending = true
        let batch = lane.flatMap { $0 }
        lane = []
        arena.scheduler.after(arena.draw(200...4_000)) { [self] in write(batch) }
    }

    /// Writes, or, when the log has gone meanwhile, puts the rows back to be sent again unchanged.
    private func write(_ batch: [CommittedOperation]) {
        guard isAlive || arena.chance(50) else { return }
        guard arena.log.isReachable, !isPaused else {
            isAppending = false
            lane.insert(batch, at: 0)
            return
        }
        let isWritten = arena.log.append(batch, epoch: machine.epoch)
        arena.scheduler.after(arena.draw(100...3_000)) { [self] in
            isAppending = false
            guard let last = batch.last else { return }
            give(isWritten ? .appended(through: last.version) : .fenced)
            pump()
        }
    }
}
