import CollabModel
import Delta
import DocumentCore
import Testing

/// A replica with its inputs written shortly, and a made-up owner that commits what the test says.
struct ReplicaFixture {
    var machine: ReplicaMachine
    var now: Int64 = 0
    var epoch = Epoch(3)
    private(set) var actions: [ReplicaAction] = []
    /// The rows that the made-up owner has committed, and their document.
    private(set) var rows: [CommittedOperation] = []
    private(set) var document = DocumentContent()

    init(limits: DocumentLimits = .init()) {
        machine = ReplicaMachine(document: sampleDocument, gateway: identity(1), limits: limits)
    }

    mutating func turn(_ inputs: ReplicaInput...) {
        actions = machine.handle(batch: inputs, now: now)
        for case .askCommitted(let question) in toOwner { openQuestion = question }
    }

    mutating func say(_ message: OwnerMessage) { turn(.message(epoch, message)) }

    /// Opens the stream with the whole document.
    mutating func open(clients: [ClientEntry] = [], isDegraded: Bool = false) {
        open(
            .content(version: version, digest: document.digest, encoded: document.jsonUTF8), clients: clients,
            isDegraded: isDegraded)
    }

    mutating func open(_ state: StreamOpening.State, clients: [ClientEntry] = [], isDegraded: Bool = false) {
        say(
            .opened(
                StreamOpening(
                    epoch: epoch, owner: identity(0), state: state, clients: clients, isDegraded: isDegraded)))
    }

    var version: Version { Version(Int64(rows.count)) }

    /// Makes a row without telling anybody.
    @discardableResult
    mutating func write(_ client: Int, _ id: String, _ delta: Delta) throws -> CommittedOperation {
        try document.apply(delta)
        let row = CommittedOperation(
            version: version.next, epoch: epoch, clientID: clientID(client), userID: profile(client).userID,
            operationID: operationID(id), delta: delta, encodedDelta: delta.jsonUTF8, digest: document.digest)
        rows.append(row)
        return row
    }

    /// Makes a row and tells the replica.
    mutating func commit(_ client: Int, _ id: String, _ delta: Delta) throws {
        let row = try write(client, id, delta)
        say(.commits(CommitBatch(operations: [row], committedAtMicroseconds: now)))
    }

    func request(
        _ client: Int, permission: Permission = .edit, resume: SessionRequest.Resume? = nil, isNew: Bool = true
    ) -> SessionRequest {
        SessionRequest(
            clientID: clientID(client), profile: profile(client), permission: permission, resume: resume,
            isNewClient: isNew)
    }

    /// Attaches a session, answers the question for the committed version, and accepts its join.
    mutating func attach(
        _ token: Int, client: Int, permission: Permission = .edit, resume: SessionRequest.Resume? = nil,
        isNew: Bool = true
    ) {
        turn(
            .attach(SessionToken(UInt64(token)), request(client, permission: permission, resume: resume, isNew: isNew)))
        accept(token, client: client)
        answerQuestions()
    }

    mutating func accept(_ token: Int, client: Int) {
        say(
            .joined(
                JoinAcceptance(
                    session: SessionToken(UInt64(token)), clientID: clientID(client), connection: number(token))))
    }

    func number(_ token: Int) -> ConnectionNumber { ConnectionNumber(epoch: epoch, ordinal: UInt32(token)) }

    /// Answers questions for the committed version as long as any is asked; actions of all turns are kept.
    mutating func answerQuestions() {
        var all = actions
        while let question = openQuestion {
            openQuestion = nil
            say(.committed(question: question, version))
            all += actions
        }
        actions = all
    }

    /// The question for the committed version that is not answered yet.
    private(set) var openQuestion: UInt64?

    mutating func submit(_ token: Int, _ id: String, base: Int64, _ delta: Delta) {
        turn(.submit(SessionToken(UInt64(token)), operationID(id), base: Version(base), delta, nil))
    }

    var toOwner: [ReplicaMessage] {
        actions.compactMap { if case .toOwner(let message) = $0 { message } else { nil } }
    }
    var submissions: [Submission] {
        toOwner.compactMap { if case .submit(let submission) = $0 { submission } else { nil } }
    }
    /// Every event for a session, by whichever action.
    func events(_ token: Int) -> [SessionEvent] {
        let wanted = SessionToken(UInt64(token))
        return actions.compactMap { action in
            switch action {
            case .send(wanted, let event): event
            case .fanOut(let batch, let tokens) where tokens.contains(wanted): .commits(batch.operations)
            case .fanOutEvent(let event, let tokens) where tokens.contains(wanted): event
            default: nil
            }
        }
    }
    var closes: [CloseCode] {
        actions.compactMap { if case .close(_, let code, _) = $0 { code } else { nil } }
    }
    var droppedLinks: Int { actions.count { if case .dropLink = $0 { true } else { false } } }
    var reads: [(question: QuestionID, after: Version, through: Version)] {
        actions.compactMap {
            if case .read(let question, let after, let through) = $0 { (question, after, through) } else { nil }
        }
    }
    var lookUps: [(question: QuestionID, through: Version)] {
        actions.compactMap {
            if case .lookUpLast(let question, _, let through) = $0 { (question, through) } else { nil }
        }
    }
    /// Answers the reads of the last turn from the rows.
    mutating func answerReads() {
        var all: [ReplicaAction] = []
        while let read = reads.first {
            turn(.read(read.question, rows.filter { $0.version > read.after && $0.version <= read.through }))
            all += actions
        }
        actions = all
    }
}

extension [SessionEvent] {
    /// The versions of everything that is told as operations or acks, in order.
    var versions: [Int64] {
        flatMap { event -> [Int64] in
            switch event {
            case .catchUp(_, _, let operations, _, _, _, _), .commits(let operations),
                .catchUpOperations(let operations):
                operations.map(\.version.value)
            default: []
            }
        }
    }
    var resyncs: [(SessionState, reason: String, rejected: OperationID?)] {
        compactMap {
            if case .resync(let state, let reason, let rejected) = $0 { (state, reason, rejected) } else { nil }
        }
    }
    var initials: [SessionState] { compactMap { if case .initial(let state) = $0 { state } else { nil } } }
    var errors: [ErrorCode] { compactMap { if case .error(let code, _, _) = $0 { code } else { nil } } }
    var acknowledgements: [Int64] {
        compactMap { if case .acknowledged(_, let version, _) = $0 { version.value } else { nil } }
    }
}
