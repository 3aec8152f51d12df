import CollabModel
import Delta

/// What a replica keeps of one session.
struct ReplicaSession: Sendable {
    /// How far a session has been served.
    enum Phase: Sendable, Hashable {
        /// Waits for the owner's committed version, so that it is shown no less than it was acknowledged.
        case waiting
        /// Waits for the client's last operation, which its `init` or `resync` names.
        case lookingUp(QuestionID)
        /// Has been told everything up to `sent`; the rest follows, from the log where the window does not reach. Up to
        /// `head` it is a catch-up.
        case behind(sent: Version, head: Version)
        /// The same, and the next portion is being read from the log.
        case reading(QuestionID, sent: Version, head: Version)
        /// Has been told everything.
        case live
    }

    /// An operation that the owner has not answered.
    struct Held: Sendable {
        var operationID: OperationID
        var base: Version
        var delta: Delta
        var presence: Presence?
        var trace: TraceContext?
        var bytes: Int
    }

    /// A client's last operation, as far as the replica knows it.
    enum LastOperation: Sendable, Hashable {
        case unknown
        case known(OperationID?)
    }

    /// A whole state that is owed to the session.
    struct OwedState: Sendable, Hashable {
        var reason: String
        var rejected: OperationID?
    }

    let token: SessionToken
    let clientID: ClientID
    let order: ConnectionOrder?
    var profile: ClientProfile
    var permission: Permission
    var resume: SessionRequest.Resume?
    var phase = Phase.waiting
    /// Whether its first message has been sent.
    var isStarted = false
    /// The states that are owed once the last operation is known; the first message is an `init` and not among them.
    var owed: [OwedState] = []
    /// The connection's number at the owner: of the last join that was accepted, by whichever owner.
    var number: ConnectionNumber?
    /// Whether a join was sent on the present stream, and with which permission.
    var announced: Permission?
    /// Whether the present owner has accepted the join.
    var isJoined = false
    var unacknowledged: [Held] = []
    var lastOperation: LastOperation
    /// Where the client said it was, and at which version, while the owner could not be told.
    var untold: (version: Version, presence: Presence)?
    /// Since when its outbox has been full (monotonic microseconds).
    var fullSince: Int64?
    /// What is not about versions and was to be sent while the outbox was full.
    var deferred: [SessionEvent] = []
    /// The presence that it has been sent, by the replica's count of presence changes.
    var presenceSeen: UInt64 = 0
    /// When it last began to wait (monotonic microseconds).
    var waitingSince: Int64

    init(token: SessionToken, request: SessionRequest, now: Int64) {
        self.token = token
        clientID = request.clientID
        order = request.order
        profile = request.profile
        permission = request.permission
        resume = request.resume
        lastOperation = request.isNewClient ? .known(nil) : .unknown
        waitingSince = now
    }

    /// Whether it fell behind because it did not take what it was sent.
    var isSlow = false

    /// Whether commits are delivered as they come.
    var isInAudience: Bool { phase == .live && fullSince == nil && owed.isEmpty }
}
