public import CollabModel
public import Delta
public import JSON

/// A message of a node (protocol.md, "Server to client").
///
/// A node writes its messages through ``ServerFrameEncoding``, which takes operations that are encoded already; this
/// type is what a client reads.
public enum ServerFrame: Hashable, Sendable {
    /// `init`: the first message, unless resumed.
    case initial(Opening)
    case catchUp(CatchUp)
    case ack(OperationID, Version, Digest)
    /// `operation` and `operations` alike, in version order.
    case operations([RemoteOperation])
    /// Where another client's caret is; `nil`: nowhere.
    case cursor(ClientID, Version, Int?)
    case selection(ClientID, Version, SelectionRange?)
    case clientJoined(ClientDescription)
    case clientLeft(ClientDescription)
    case resync(Resync)
    case permission(Permission)
    case comment(event: String, JSONValue)
    case degraded(String)
    case restored(String)
    case error(ErrorCode, String, OperationID?)
    case pong
    /// A message of a type that this client does not know: of a newer node, to be ignored.
    case unknown(type: String)
}

/// Another client's operation, or in a catch-up anybody's.
public struct RemoteOperation: Hashable, Sendable {
    public var clientID: ClientID
    public var userID: UserID
    public var version: Version
    public var delta: Delta
    /// Only in a catch-up.
    public var operationID: OperationID?

    public init(clientID: ClientID, userID: UserID, version: Version, delta: Delta, operationID: OperationID? = nil) {
        self.clientID = clientID
        self.userID = userID
        self.version = version
        self.delta = delta
        self.operationID = operationID
    }
}

/// A client as the others see it.
public struct ClientDescription: Hashable, Sendable {
    public var clientID: ClientID
    public var profile: ClientProfile
    public var presence: Presence

    public init(clientID: ClientID, profile: ClientProfile, presence: Presence = Presence()) {
        self.clientID = clientID
        self.profile = profile
        self.presence = presence
    }
}

extension ServerFrame {
    /// The fields of `init`.
    public struct Opening: Hashable, Sendable {
        public var clientID: ClientID
        public var version: Version
        public var content: Delta
        public var clients: [ClientDescription]
        public var permission: Permission
        public var digest: Digest
        public var limits: SessionLimits
        /// This client's last operation that `content` contains.
        public var lastOperationID: OperationID?

        public init(
            clientID: ClientID, version: Version, content: Delta, clients: [ClientDescription], permission: Permission,
            digest: Digest, limits: SessionLimits, lastOperationID: OperationID?
        ) {
            self.clientID = clientID
            self.version = version
            self.content = content
            self.clients = clients
            self.permission = permission
            self.digest = digest
            self.limits = limits
            self.lastOperationID = lastOperationID
        }
    }

    /// The fields of `catchup`.
    public struct CatchUp: Hashable, Sendable {
        public var clientID: ClientID
        /// The version after the last of `operations`.
        public var version: Version
        public var operations: [RemoteOperation]
        public var clients: [ClientDescription]
        public var permission: Permission
        /// The digest at `version`, which lies before `head` where more operations follow.
        public var digest: Digest
        /// Up to this version operations are the catch-up's, the client's own among them.
        public var head: Version
        public var limits: SessionLimits

        public init(
            clientID: ClientID, version: Version, operations: [RemoteOperation], clients: [ClientDescription],
            permission: Permission, digest: Digest, head: Version, limits: SessionLimits
        ) {
            self.clientID = clientID
            self.version = version
            self.operations = operations
            self.clients = clients
            self.permission = permission
            self.digest = digest
            self.head = head
            self.limits = limits
        }
    }

    /// The fields of `resync`.
    public struct Resync: Hashable, Sendable {
        public var version: Version
        public var content: Delta
        public var digest: Digest
        public var reason: String
        /// This client's last operation that `content` contains.
        public var lastOperationID: OperationID?
        /// The operation that was refused: it was not applied, and will not be beside a later one of this client.
        public var rejected: OperationID?
        /// What `init` has beside; always there when this is the first message.
        public var clientID: ClientID?
        public var clients: [ClientDescription]?
        public var permission: Permission?
        public var limits: SessionLimits?

        public init(
            version: Version, content: Delta, digest: Digest, reason: String, lastOperationID: OperationID?,
            rejected: OperationID?, clientID: ClientID? = nil, clients: [ClientDescription]? = nil,
            permission: Permission? = nil, limits: SessionLimits? = nil
        ) {
            self.version = version
            self.content = content
            self.digest = digest
            self.reason = reason
            self.lastOperationID = lastOperationID
            self.rejected = rejected
            self.clientID = clientID
            self.clients = clients
            self.permission = permission
            self.limits = limits
        }
    }
}
