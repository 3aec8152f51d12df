package import CollabModel
package import Delta

/// A session as its gateway presents it to the replica.
package struct SessionRequest: Sendable, Hashable {
    package var clientID: ClientID
    package var profile: ClientProfile
    package var permission: Permission
    /// Where a returning client is; `nil` asks for a full `init`.
    package var resume: Resume?
    /// Whether the gateway has just made the client id, so that the log cannot hold an operation of it.
    package var isNewClient: Bool
    /// Where the client says that this connection stands among its own; `nil`: it does not say.
    package var order: ConnectionOrder?

    package struct Resume: Sendable, Hashable {
        package var version: Version
        package var digest: Digest?
        package init(version: Version, digest: Digest?) {
            self.version = version
            self.digest = digest
        }
    }

    package init(
        clientID: ClientID, profile: ClientProfile, permission: Permission, resume: Resume?, isNewClient: Bool = false,
        order: ConnectionOrder? = nil
    ) {
        self.clientID = clientID
        self.profile = profile
        self.permission = permission
        self.resume = resume
        self.isNewClient = isNewClient
        self.order = order
    }
}

/// What happens to a replica.
package enum ReplicaInput: Sendable {
    case attach(SessionToken, SessionRequest)
    case detach(SessionToken)
    case submit(SessionToken, OperationID, base: Version, Delta, Presence?, TraceContext? = nil)
    case presence(SessionToken, Version, Presence)
    case resync(SessionToken)
    /// The permission of a user changed; `nil`: he may not see the document any more.
    case permissionChanged(UserID, Permission?)
    /// What is waiting to be written to a session passed its bound; nothing more is sent to it until it has drained.
    case outboxFull(SessionToken)
    case outboxDrained(SessionToken)
    /// A message of the owner with its epoch, in stream order.
    case message(Epoch, OwnerMessage)
    /// The stream to the owner is gone; a new one will be opened. Sessions stay, unacknowledged submissions are kept.
    case linkLost
    /// No owner can be had for now (for example PostgreSQL cannot be reached); sessions are told `degraded`.
    case linkUnavailable(String)
    /// The answer to ``ReplicaAction/read(_:after:through:)``; `nil`: the log could not be read.
    case read(QuestionID, [CommittedOperation]?)
    /// The answer to ``ReplicaAction/lookUpLast(_:_:through:)``: a client's last operation in the log at or below a version.
    case lastOperation(QuestionID, OperationID?)
    /// The replica's node is leaving, or the document is gone: close every session with the code.
    case closeAll(CloseCode, String)
    /// At least every 250 ms.
    case tick
}

/// What a replica wants done. Performed in order.
package enum ReplicaAction: Sendable {
    /// Say hello on the stream that was opened, or is being opened; messages to the owner follow it.
    case toOwner(ReplicaMessage)
    case send(SessionToken, SessionEvent)
    /// Deliver a batch to sessions that have none of their own operations in it: one encoding serves all.
    case fanOut(CommitBatch, [SessionToken])
    /// Deliver one event to several sessions: one encoding serves all. Presence, joins and leaves, `degraded`, `restored`.
    case fanOutEvent(SessionEvent, [SessionToken])
    case close(SessionToken, CloseCode, String)
    case read(QuestionID, after: Version, through: Version)
    /// The bound keeps an operation out of the answer that the log has and the replica has not yet been told of.
    case lookUpLast(QuestionID, ClientID, through: Version)
    /// The stream is of no use (gap, digest mismatch, older epoch): close it and open another.
    case dropLink(String)
    /// Nobody is attached since the time that passivation takes: the replica may be let go.
    case idle
    case observe(ReplicaObservation)
}

/// What a session is told, in version order; the gateway gives it the form of the client protocol.
package enum SessionEvent: Sendable {
    case initial(SessionState)
    case resync(SessionState, reason: String, rejected: OperationID?)
    /// First message of a resumed session. `operations` holds a first portion; more follow as `operations`.
    case catchUp(
        clientID: ClientID, version: Version, operations: [CommittedOperation], clients: [ClientEntry],
        permission: Permission, digest: Digest, head: Version)
    /// Operations in order; those of the session itself become acks (outside a catch-up).
    case commits([CommittedOperation])
    /// A portion of a catch-up: own operations are sent as operations.
    case catchUpOperations([CommittedOperation])
    case acknowledged(OperationID, Version, Digest)
    case presence(ClientID, Version, Presence)
    case clientJoined(ClientEntry)
    case clientLeft(ClientEntry)
    case permission(Permission)
    case degraded(String)
    case restored
    case error(ErrorCode, String, OperationID?)
    case pong
}

/// The whole state of a document for one session.
package struct SessionState: Sendable {
    package var clientID: ClientID
    package var version: Version
    /// The committed content at `version`; shared, not copied.
    package var content: DocumentContent
    package var digest: Digest
    package var clients: [ClientEntry]
    package var permission: Permission
    /// The client's last operation that `content` contains.
    package var lastOperationID: OperationID?

    package init(
        clientID: ClientID, version: Version, content: DocumentContent, digest: Digest, clients: [ClientEntry],
        permission: Permission, lastOperationID: OperationID?
    ) {
        self.clientID = clientID
        self.version = version
        self.content = content
        self.digest = digest
        self.clients = clients
        self.permission = permission
        self.lastOperationID = lastOperationID
    }
}

package enum ReplicaObservation: Sendable, Hashable {
    case resync(reason: String)
    case slowSession
    case heldSubmissions(Int)
    /// An operation was refused before it went to the owner.
    case rejected(ErrorCode)
}
