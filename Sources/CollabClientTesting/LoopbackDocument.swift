import CollabModel
import Delta
import DocumentCore
import NIOCore

/// One document: an owner, a replica, and a log in memory. Inputs of one turn of the loop are handled together.
final class LoopbackDocument {
    let id: DocumentID
    private let base: DocumentContent
    private unowned let state: LoopbackState
    private(set) var owner: OwnerMachine
    private var replica: ReplicaMachine
    private(set) var log: [CommittedOperation] = []
    private var sessions: [SessionToken: LoopbackSession] = [:]
    private var toReplica: [ReplicaInput] = []
    private var toOwner: [OwnerInput] = []
    private var isScheduled = false
    private var heldThrough: Version?
    private var streamNumber: UInt64 = 0
    private var stream: StreamID { StreamID(streamNumber) }
    /// The session through which operations are applied a second time, and what its operations stand for.
    private var doubler: SessionToken?
    private var doubled: [OperationID: CommittedOperation] = [:]
    private var submissions = 0
    private static let identity = NodeIdentity.loopback

    init(_ id: DocumentID, _ content: DocumentContent, state: LoopbackState) {
        self.id = id
        base = content
        self.state = state
        owner = Self.owner(id, epoch: 1, content, [])
        replica = ReplicaMachine(document: id, gateway: Self.identity, limits: DocumentLimits())
        openStream()
    }

    private static func owner(
        _ id: DocumentID, epoch: Int64, _ content: DocumentContent, _ log: [CommittedOperation]
    ) -> OwnerMachine {
        OwnerMachine(
            document: id, identity: identity, epoch: Epoch(epoch), content: content,
            version: log.last?.version ?? .initial, recent: Array(log.suffix(1_000)), limits: DocumentLimits())
    }

    private func openStream() {
        streamNumber += 1
        enqueue(owner: .streamOpened(stream, replica.hello))
    }

    // MARK: Turns

    func enqueue(_ input: ReplicaInput) {
        toReplica.append(input)
        schedule()
    }

    private func enqueue(owner input: OwnerInput) {
        toOwner.append(input)
        schedule()
    }

    private func schedule() {
        guard !isScheduled else { return }
        isScheduled = true
        let document = NIOLoopBound(self, eventLoop: state.eventLoop)
        state.eventLoop.execute { document.value.turn() }
    }

    private func turn() {
        isScheduled = false
        let now = Int64(NIODeadline.now().uptimeNanoseconds / 1_000)
        while !toReplica.isEmpty || !toOwner.isEmpty {
            let replicaInputs = toReplica
            toReplica = []
            for action in replica.handle(batch: replicaInputs, now: now) { perform(action) }
            let ownerInputs = toOwner
            toOwner = []
            for action in owner.handle(batch: ownerInputs, now: now, wallMicroseconds: now) { perform(action) }
        }
        for session in sessions.values { session.flush() }
    }

    private func perform(_ action: OwnerAction) {
        switch action {
        case .append(let operations):
            for operation in operations { append(operation) }
            guard let last = operations.last else { return }
            if state.faults.holdsCommits || heldThrough != nil {
                heldThrough = last.version
            } else {
                toOwner.append(.appended(through: last.version))
            }
        case .send(let to, let message):
            if to == stream { toReplica.append(.message(owner.epoch, message)) }
        case .close: break
        case .lookUp(let question, let client, let operation):
            let row = log.first { $0.clientID == client && $0.operationID == operation }
            toOwner.append(.lookedUp(question, row.map { .found($0.version, $0.digest) } ?? .absent))
        case .read(let question, let after, let through):
            toOwner.append(.read(question, rows(after, through)))
        case .snapshot(let version, _, _): toOwner.append(.snapshotFinished(version, succeeded: true))
        case .handOffReady, .stepDown, .reload, .observe: break
        }
    }

    private func append(_ operation: CommittedOperation) {
        var row = operation
        if let original = doubled[operation.operationID] {
            row.clientID = original.clientID
            row.operationID = original.operationID
        }
        log.append(row)
    }

    private func rows(_ after: Version, _ through: Version) -> [CommittedOperation] {
        log.filter { $0.version > after && $0.version <= through }
    }

    private func perform(_ action: ReplicaAction) {
        switch action {
        case .toOwner(let message): toOwner.append(.message(stream, message))
        case .send(let token, let event): sessions[token]?.send(event)
        case .fanOut(let batch, let tokens):
            let encoded = LoopbackEncoding.operations(batch.operations, withOperationIDs: false)
            for token in tokens { sessions[token]?.write(encoded) }
        case .fanOutEvent(let event, let tokens):
            for token in tokens { sessions[token]?.send(event) }
        case .close(let token, let code, let reason):
            sessions[token]?.close(code, reason)
            sessions[token] = nil
        case .read(let question, let after, let through):
            toReplica.append(.read(question, rows(after, through)))
        case .lookUpLast(let question, let client, let through):
            let row = log.last { $0.clientID == client && $0.version <= through }
            toReplica.append(.lastOperation(question, row?.operationID))
        case .dropLink:
            toReplica.append(.linkLost)
            toOwner.append(.streamClosed(stream))
            openStream()
        case .idle, .observe: break
        }
    }

    // MARK: Sessions

    func attach(_ session: LoopbackSession, _ token: SessionToken, _ request: SessionRequest) {
        sessions[token] = session
        enqueue(.attach(token, request))
    }

    func detach(_ token: SessionToken) {
        guard sessions.removeValue(forKey: token) != nil else { return }
        enqueue(.detach(token))
    }

    func submit(
        _ token: SessionToken, _ client: ClientID, _ id: OperationID, base: Version, _ delta: Delta,
        _ presence: Presence?
    ) {
        submissions += 1
        enqueue(.submit(token, id, base: base, delta, presence))
        let every = state.faults.doublesEvery
        guard every > 0, submissions.isMultiple(of: every) else { return }
        let second = doublerToken()
        guard let name = OperationID("second-\(submissions)") else { return }
        doubled[name] = CommittedOperation(
            version: base, epoch: .none, clientID: client, userID: LoopbackEncoding.anonymous, operationID: id,
            delta: delta, encodedDelta: [], digest: Digest(rawValue: 0))
        enqueue(.submit(second, name, base: base, delta, nil))
    }

    private func doublerToken() -> SessionToken {
        if let doubler { return doubler }
        let token = state.nextToken()
        doubler = token
        let profile = ClientProfile(userID: LoopbackEncoding.anonymous, name: "second", color: "#000000")
        enqueue(
            .attach(
                token,
                SessionRequest(
                    clientID: ClientID(.random(using: &state.generator)), profile: profile, permission: .edit,
                    resume: nil,
                    isNewClient: true)))
        return token
    }

    func releaseCommits() {
        guard let version = heldThrough else { return }
        heldThrough = nil
        enqueue(owner: .appended(through: version))
    }

    /// Drops the last rows of the log and starts again with another owner and another replica.
    func forget(last count: Int) throws {
        log.removeLast(min(count, log.count))
        var content = base
        for row in log { try content.apply(row.delta) }
        for token in sessions.keys { sessions[token]?.cut() }
        sessions = [:]
        toOwner = []
        toReplica = []
        heldThrough = nil
        doubler = nil
        owner = Self.owner(id, epoch: owner.epoch.next.value, content, log)
        replica = ReplicaMachine(document: id, gateway: Self.identity, limits: DocumentLimits())
        openStream()
    }

    /// The log as it is shown: with what ``LoopbackState/Faults/losesEvery`` leaves out.
    func shownLog(after version: Version, limit: Int) -> [CommittedOperation] {
        let every = state.faults.losesEvery
        var rows = log
        if every > 0 {
            rows = rows.map { row in
                guard row.version.value.isMultiple(of: Int64(every)) else { return row }
                // Another operation stands in its place, as after a failover that lost it.
                var other = row
                other.operationID = LoopbackEncoding.foreign
                other.clientID = ClientID(Identifier128(high: 1, low: 1))
                return other
            }
        }
        return Array(rows.drop { $0.version <= version }.prefix(limit))
    }
}

extension NodeIdentity {
    static let loopback: NodeIdentity = {
        guard let node = NodeID("loopback") else { preconditionFailure("a valid node id") }
        return NodeIdentity(node: node, incarnation: Incarnation(1))
    }()
}
