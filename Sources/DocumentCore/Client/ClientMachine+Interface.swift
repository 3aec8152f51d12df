package import CollabModel
package import Delta

/// Times and bounds of a client (protocol.md, "Client to server" and "Closing").
package struct ClientConfiguration: Sendable, Hashable {
    /// An operation without an ack is sent again after this long.
    package var resendMilliseconds: Int64 = 5_000
    /// Silence that counts as a lost connection.
    package var silenceMilliseconds: Int64 = 10_000
    /// Silence after which a `ping` asks for a sign of life.
    package var pingMilliseconds: Int64 = 4_000
    /// An operation that was answered `unavailable` or `rate_limited` is tried again after about this long.
    package var retryMilliseconds: Int64 = 500
    /// The first wait before connecting again; doubled up to the largest, each with jitter.
    package var backoffMilliseconds: Int64 = 100
    package var backoffMaximumMilliseconds: Int64 = 10_000
    /// Edits are split above this size until the server says its own limit. Bytes of JSON.
    package var operationBytes = 1 << 20
    /// Whether the digest is checked at every ack; otherwise only where that costs nothing, when nothing is pending.
    package var verifiesEveryAck = false
    package init() {}
}

/// What happens to a client.
package enum ClientInput: Sendable {
    /// The application wants to be connected.
    case connect
    /// The application is done. Unsaved edits stay in the machine.
    case disconnect
    /// The connection that was asked for is open.
    case connected
    case received(ServerMessage)
    /// The connection is gone, or could not be had (`code` is `nil`).
    case connectionClosed(code: UInt16?)
    case setPresence(Presence)
    /// At ``ClientMachine/deadline``, or every 50 ms.
    case tick
}

/// What a server tells a client (protocol.md, "Server to client").
package enum ServerMessage: Sendable {
    case initial(WholeDocument)
    case catchUp(CatchUp)
    case acknowledged(OperationID, Version, Digest?)
    /// `operation` and `operations`.
    case operations([RemoteOperation])
    case cursor(ClientID, Version, Int?)
    case selection(ClientID, Version, SelectionRange?)
    case clientJoined(ClientEntry)
    case clientLeft(ClientID)
    case resync(WholeDocument, reason: String, rejected: OperationID?)
    case permission(Permission)
    case degraded(String)
    case restored
    case error(ErrorCode, String, OperationID?)
    /// Anything that only shows that the server is there: `pong`, a WebSocket pong, a message of a later release.
    case signOfLife
}

/// The content of `init` and `resync`.
package struct WholeDocument: Sendable {
    package var version: Version
    package var content: Delta
    package var digest: Digest?
    package var lastOperationID: OperationID?
    /// What only a first message has.
    package var session: SessionFacts?
    package init(
        version: Version, content: Delta, digest: Digest?, lastOperationID: OperationID?, session: SessionFacts?
    ) {
        self.version = version
        self.content = content
        self.digest = digest
        self.lastOperationID = lastOperationID
        self.session = session
    }
}

/// What the first message of a connection says beside the document.
package struct SessionFacts: Sendable {
    package var clientID: ClientID
    package var clients: [ClientEntry]
    package var permission: Permission
    /// The largest operation that the server takes, in bytes of JSON, when it says so.
    package var operationBytes: Int?
    package init(clientID: ClientID, clients: [ClientEntry], permission: Permission, operationBytes: Int?) {
        self.clientID = clientID
        self.clients = clients
        self.permission = permission
        self.operationBytes = operationBytes
    }
}

/// The content of `catchup`.
package struct CatchUp: Sendable {
    /// The version after `operations`.
    package var version: Version
    package var operations: [RemoteOperation]
    package var digest: Digest?
    /// The version up to which more `operations` follow.
    package var head: Version
    package var session: SessionFacts
    package init(
        version: Version, operations: [RemoteOperation], digest: Digest?, head: Version, session: SessionFacts
    ) {
        self.version = version
        self.operations = operations
        self.digest = digest
        self.head = head
        self.session = session
    }
}

/// An operation as a client is told of it.
package struct RemoteOperation: Sendable {
    package var clientID: ClientID
    /// Only in a catch-up.
    package var operationID: OperationID?
    package var version: Version
    package var delta: Delta
    package init(clientID: ClientID, operationID: OperationID?, version: Version, delta: Delta) {
        self.clientID = clientID
        self.operationID = operationID
        self.version = version
        self.delta = delta
    }
}

/// What a client tells a server (protocol.md, "Client to server").
package enum ClientMessage: Sendable, Hashable {
    /// `presence` is meant after the operation.
    case operation(OperationID, base: Version, Delta, presence: Presence?)
    case presence(Version, Presence)
    case resync
    case ping
}

/// What a client wants done. Performed in order.
package enum ClientAction: Sendable {
    /// Connect to any node; with a position, as the same client from there. Every attempt, also one more that follows
    /// from the same action, takes an order of its own (``ClientMachine/takeOrder()``).
    case open(ResumePosition?)
    case close(CloseCode)
    case send(ClientMessage)
    case tell(ClientEvent)
}

/// Where a returning client is.
package struct ResumePosition: Sendable, Hashable {
    package var clientID: ClientID
    package var version: Version
    /// `nil` while it is not known without work: the server then trusts the version.
    package var digest: Digest?
    package init(clientID: ClientID, version: Version, digest: Digest?) {
        self.clientID = clientID
        self.version = version
        self.digest = digest
    }
}

/// What the application learns.
package enum ClientEvent: Sendable {
    /// The document is another one; read ``ClientMachine/content``.
    case reset
    /// Others changed the document: apply this to what the user sees.
    case changed(Delta)
    /// An operation of this client is durable.
    case acknowledged(OperationID, Version)
    case saveState(SaveState)
    case presence(ClientID, Presence)
    case clientJoined(ClientEntry)
    case clientLeft(ClientID)
    case permission(Permission)
    case degraded(String)
    case restored
    /// An edit was refused for good and has been taken back.
    case refused(Delta, reason: String)
    case error(ErrorCode, String)
    /// The connection ended for a reason that connecting again does not mend.
    case ended(CloseCode)
}

/// Whether what the user sees is durable.
package enum SaveState: Sendable, Hashable {
    case saved
    case saving
    case offline
}

/// Why an edit is not taken.
package enum EditError: Error, Sendable, Hashable {
    /// The document has not arrived yet.
    case notReady
    case forbidden
    case invalid(OperationError)
}
