package import CollabModel
package import Delta

/// A follower of a document's owner on a gateway node: keeps the committed document, serves the sessions of this node,
/// and keeps their unanswered submissions across owners.
///
/// It shows nothing that it has not verified: every operation must continue its version and give the digest that the
/// owner says. It answers an `init` or a catch-up only after the owner has told the committed version to a question
/// asked since the session attached, so that nobody is shown less than he was acknowledged elsewhere.
///
/// Operations that a session lacks and the window has go out at once; older ones are read from the log in portions. A
/// frame of an older epoch, or one that does not continue what is held, costs the stream, never a session.
package struct ReplicaMachine: Sendable {
    package let document: DocumentID
    package let gateway: NodeIdentity
    package let limits: DocumentLimits

    /// The committed document; `nil` while nothing verified is held.
    package internal(set) var content: DocumentContent?
    package internal(set) var version = Version.initial
    /// The highest epoch that an owner has spoken with.
    package internal(set) var epoch = Epoch.none
    /// Whether the present stream has been opened by its owner.
    package internal(set) var isOpen = false
    /// Why submissions are not made durable at present.
    var degradation: String?
    /// Whether an owner could not make operations durable and ended for it: the next one says nothing by being there, only
    /// with a commit.
    var isUnproven = false

    var window: OperationWindow
    var people = PeopleTable()
    var sessions = SessionTable()

    /// The question to the owner that is not answered yet, and who waits for it.
    var asked: (question: UInt64, tokens: [SessionToken])?
    /// Who waits for the next question.
    var toAsk: [SessionToken] = []
    var lastQuestionToOwner: UInt64 = 0

    var questions: [QuestionID: Question] = [:]
    var nextQuestion: UInt64 = 1
    var readsUnderWay = 0
    /// Sessions that wait for their turn to read from the log.
    var readers: [SessionToken] = []

    /// The unanswered submissions of all sessions.
    var heldCount = 0
    var heldBytes = 0
    var observedHeldCount = 0

    /// Since when there has been no session (monotonic microseconds).
    var emptySince: Int64?
    var isIdleTold = false

    var output: [ReplicaAction] = []
    var now: Int64 = 0

    /// What a replica waits for from the log.
    enum Question: Sendable {
        case lastOperation(SessionToken)
        case operations(SessionToken)
    }

    package init(document: DocumentID, gateway: NodeIdentity, limits: DocumentLimits) {
        self.document = document
        self.gateway = gateway
        self.limits = limits
        window = OperationWindow(after: .initial, digest: nil, isIndexed: false)
    }

    /// What to say first on a stream to an owner.
    package var hello: StreamHello {
        StreamHello(
            document: document, gateway: gateway,
            holds: content.map { .init(version: version, digest: $0.digest) })
    }

    package var sessionCount: Int { sessions.count }

    /// The operations that end at ``version``, without a gap: with ``content`` enough to become the owner without reading
    /// them again.
    package var recentOperations: [CommittedOperation] {
        window.operations(after: window.start, through: window.end)
    }

    /// Takes one input and settles: for callers that handle one at a time.
    ///
    /// - Parameter now: monotonic microseconds.
    package mutating func handle(_ input: ReplicaInput, now: Int64) -> [ReplicaAction] {
        receive(input, now: now)
        return settle(now: now)
    }

    /// Takes all inputs of one turn and settles once.
    package mutating func handle(batch inputs: some Sequence<ReplicaInput>, now: Int64) -> [ReplicaAction] {
        for input in inputs { receive(input, now: now) }
        return settle(now: now)
    }

    /// Takes one input; what is to be done about it is in the result of the next ``settle(now:)``.
    package mutating func receive(_ input: ReplicaInput, now: Int64) {
        self.now = now
        switch input {
        case .attach(let token, let request): attach(token, request)
        case .detach(let token): detach(token)
        case .submit(let token, let id, let base, let delta, let presence, let trace):
            submit(token, id, base: base, delta, presence, trace)
        case .presence(let token, let version, let presence): setPresence(presence, at: version, of: token)
        case .resync(let token): owe(token, reason: "requested")
        case .permissionChanged(let user, let permission): permissionChanged(of: user, to: permission)
        case .outboxFull(let token): outboxFull(token)
        case .outboxDrained(let token): outboxDrained(token)
        case .message(let epoch, let message): self.message(message, epoch)
        case .linkLost: linkLost()
        case .linkUnavailable(let message): degrade(message)
        case .read(let question, let operations): answered(question, operations: operations)
        case .lastOperation(let question, let operation): answered(question, last: operation)
        case .closeAll(let code, let message): closeAll(code, message)
        case .tick: tick()
        }
    }

    /// Ends a turn: one question to the owner for all who came in it.
    package mutating func settle(now: Int64) -> [ReplicaAction] {
        self.now = now
        if isUnproven, isOpen, heldCount == 0 { restore() }
        askCommitted()
        checkInvariants()
        let actions = output
        output = []
        return actions
    }

    private mutating func askCommitted() {
        guard isOpen, asked == nil, !toAsk.isEmpty else { return }
        lastQuestionToOwner += 1
        asked = (lastQuestionToOwner, toAsk)
        toAsk = []
        output.append(.toOwner(.askCommitted(question: lastQuestionToOwner)))
    }

    mutating func ask(_ question: Question) -> QuestionID {
        let id = QuestionID(nextQuestion)
        nextQuestion += 1
        questions[id] = question
        return id
    }

    /// Checks what must hold between any two inputs; compiled out of release builds.
    package func checkInvariants() {
        #if DEBUG
            if content != nil {
                assert(window.end == version, "the window does not end at the version (G4)")
                assert(
                    window.digest(at: version) ?? content?.digest == content?.digest, "the digest is wrong (G6)")
            }
            let held = sessions.tokens.reduce(0) { $0 + (sessions[$1]?.unacknowledged.count ?? 0) }
            assert(held == heldCount, "a submission is unaccounted for")
            assert(heldBytes >= 0, "the size of the held submissions is wrong")
            sessions.checkInvariants()
        #endif
    }
}
