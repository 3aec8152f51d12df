package import CollabModel
package import Delta
import DequeModule

/// The owner of one document under one epoch: puts every operation in order, has it made durable, and only then tells of
/// it (guarantees G1 to G4).
///
/// It applies ahead of the commit and keeps the committed document beside: whatever is told to anybody comes from the
/// committed one. A turn of the loop that runs it is: ``receive(_:now:wallMicroseconds:)`` for every input at hand, then
/// ``settle(now:wallMicroseconds:)`` once, whose actions are performed in order. So the submissions of one turn become
/// one append, and the commits of one turn one frame per stream.
///
/// Three kinds of unfit input are kept apart: an answer to nothing that was asked is an expected race and is dropped; an
/// unfit message of a replica is answered on its stream alone; an `appended` beyond what was asked for is a defect of
/// the caller and ends the process.
package struct OwnerMachine: Sendable {
    /// Where the owner is in its life. `over` has no exit.
    enum Phase: Sendable {
        case serving
        /// Takes nothing more; `isReady` once everything is durable and the successor was asked to claim.
        case handingOff(NodeRecord, isReady: Bool)
        /// Nobody has been here for long: a last snapshot is being written.
        case passivating
        /// Ownership is over; a stream that is opened nevertheless is told this.
        case over(StreamEnd)
    }

    package let document: DocumentID
    package let identity: NodeIdentity
    package let epoch: Epoch
    package let limits: DocumentLimits

    /// The document as the log has it.
    package internal(set) var committed: DocumentContent
    package internal(set) var committedVersion: Version
    /// The document with everything that was accepted, durable or not.
    var head: DocumentContent
    package internal(set) var headVersion: Version
    /// The last version that the streams were told of.
    var announcedVersion: Version

    var window: OperationWindow
    var pipeline: AppendPipeline
    var clients: ClientTable
    /// In ascending order, so that a broadcast has one order.
    var streams: [StreamID] = []
    /// Clients whose presence the others have not been told of, in the order of its arrival.
    var dirtyPresence: [ClientID] = []
    var questions: [QuestionID: Question] = [:]
    var nextQuestion: UInt64 = 1
    /// How many of `questions` are about connections that are not current.
    var strayQuestionCount = 0
    var nextOrdinal: UInt32 = 1
    var snapshots: SnapshotPolicy

    var phase = Phase.serving
    var isSuspended = false
    /// Why submissions are held, while the log cannot be reached.
    var degradation: String?
    /// What arrived while nothing may be taken, in order.
    var held: HeldInputs
    /// Since when nobody has been connected (monotonic microseconds).
    var emptySince: Int64?
    /// The committed document in the form that streams are opened with, and of which version.
    var encodedContent: (version: Version, bytes: [UInt8])?

    var output: [OwnerAction] = []
    /// The time of the input that is being handled: monotonic, and since 1970. Microseconds.
    var now: Int64 = 0
    var wallMicroseconds: Int64 = 0
    /// The sampled operations that are durable and that the streams were not told of.
    var untoldTraces: [CommitTrace] = []
    /// Reads a monotonic clock in microseconds, for the times of an operation's stages alone: nothing is decided by it.
    /// `nil`: every stage has the time of its input.
    package var stageClock: (@Sendable () -> Int64)?
    /// When the last commit was learnt of, since 1970.
    var committedAtMicroseconds: Int64 = 0

    /// Makes the owner of a document that has been loaded whole and verified.
    ///
    /// - Parameters:
    ///   - epoch: the epoch that this node has raised; never one that it found.
    ///   - content: the document at `version`, the exact end of the log.
    ///   - recent: the operations that end at `version`, without a gap; may be empty.
    package init(
        document: DocumentID, identity: NodeIdentity, epoch: Epoch, content: DocumentContent, version: Version,
        recent: [CommittedOperation], limits: DocumentLimits
    ) {
        precondition(recent.isEmpty || recent.last?.version == version, "the recent operations end at the version")
        precondition(recent.isEmpty || recent.last?.digest == content.digest, "the content is what the log says")
        self.document = document
        self.identity = identity
        self.epoch = epoch
        self.limits = limits
        committed = content
        committedVersion = version
        head = content
        headVersion = version
        announcedVersion = version
        let start = recent.first?.version.previous ?? version
        window = OperationWindow(after: start, digest: recent.isEmpty ? content.digest : nil, isIndexed: true)
        for operation in recent { window.append(operation) }
        pipeline = AppendPipeline(at: version)
        clients = ClientTable(departedLimit: limits.sessions, at: version)
        snapshots = SnapshotPolicy(limits: limits, last: start)
        held = HeldInputs(limits: limits)
        window.trim(operations: limits.windowOperations, bytes: limits.windowBytes, keepingAfter: version)
    }

    /// Whether ownership is over: a stepped-down, fenced or failed owner does nothing more.
    package var isOver: Bool {
        if case .over = phase { true } else { false }
    }

    /// How many clients are connected.
    package var connectedClients: Int { clients.connectedCount }

    /// The operations that are applied and not known to be durable, and those that wait for a question or a hand-off.
    package var outstanding: Int { pipeline.count + held.count }

    /// Takes one input and settles: for callers that handle one at a time.
    ///
    /// - Parameters:
    ///   - now: monotonic microseconds.
    ///   - wallMicroseconds: microseconds since 1970, for metrics only.
    package mutating func handle(_ input: OwnerInput, now: Int64, wallMicroseconds: Int64) -> [OwnerAction] {
        receive(input, now: now, wallMicroseconds: wallMicroseconds)
        return settle(now: now, wallMicroseconds: wallMicroseconds)
    }

    /// Takes all inputs of one turn and settles once.
    package mutating func handle(
        batch inputs: some Sequence<OwnerInput>, now: Int64, wallMicroseconds: Int64
    ) -> [OwnerAction] {
        for input in inputs { receive(input, now: now, wallMicroseconds: wallMicroseconds) }
        return settle(now: now, wallMicroseconds: wallMicroseconds)
    }

    /// Takes one input; what is to be done about it is in the result of the next ``settle(now:wallMicroseconds:)``.
    package mutating func receive(_ input: OwnerInput, now: Int64, wallMicroseconds: Int64) {
        self.now = now
        self.wallMicroseconds = wallMicroseconds
        if case .over(let end) = phase {
            if case .streamOpened(let stream, _) = input { output.append(.close(stream, end)) }
            return
        }
        switch input {
        case .streamOpened, .message, .lookedUp, .read:
            if mustHold { hold(input) } else { take(input) }
        case .streamClosed(let stream): streamClosed(stream)
        case .appended(let version): appended(through: version)
        case .logUnavailable(let message): degrade(message)
        case .logAvailable: restore()
        case .fenced: end(.steppedDown, with: .stepDown(.fenced))
        case .appendFailed(let message): end(.failed(message), with: .reload)
        case .suspended: isSuspended = true
        case .resumed: resume()
        case .handOff(let successor): handOff(to: successor)
        case .handOffConfirmed(let epoch): handOffConfirmed(epoch)
        case .handOffAbandoned: handOffAbandoned()
        case .handOffUnconfirmed: handOffUnconfirmed()
        case .snapshotFinished(let version, let succeeded): snapshotFinished(version, succeeded: succeeded)
        case .tick: tick()
        }
    }

    /// Ends a turn: what has become durable is announced, then what follows from it, then what is to be appended.
    package mutating func settle(now: Int64, wallMicroseconds: Int64) -> [OwnerAction] {
        self.now = now
        self.wallMicroseconds = wallMicroseconds
        announce()
        announcePresence()
        requestAppend()
        continueHandOff()
        takeSnapshotIfDue()
        checkInvariants()
        let actions = output
        output = []
        return actions
    }

    /// Handles what may only be handled while this owner serves.
    mutating func take(_ input: OwnerInput) {
        switch input {
        case .streamOpened(let stream, let hello): streamOpened(stream, hello)
        case .message(let stream, let message): self.message(message, from: stream)
        case .lookedUp(let question, let result): lookedUp(question, result)
        case .read(let question, let operations): readBack(question, operations)
        default: preconditionFailure("only what can be held is taken here")
        }
    }

    private mutating func message(_ message: ReplicaMessage, from stream: StreamID) {
        guard streams.contains(stream) else { return }
        switch message {
        case .join(let request): join(request, on: stream)
        case .leave(let client, let number): leave(client, number, on: stream)
        case .submit(let submission):
            submit(Arrival(stream: stream, submission: submission, receivedAt: now))
        case .presence(let client, let number, let version, let presence):
            setPresence(presence, at: version, of: client, number, on: stream)
        case .askCommitted(let question): send(stream, .committed(question: question, committedVersion))
        }
    }
}
