package import CollabModel
package import Delta

/// Names a session at its own replica; the owner only gives it back.
package struct SessionToken: Hashable, Sendable, Comparable {
    package let value: UInt64
    package init(_ value: UInt64) { self.value = value }
    package static func < (left: SessionToken, right: SessionToken) -> Bool { left.value < right.value }
}

/// What a replica sends first on a stream to an owner: what it holds, so that the owner sends only what is missing.
package struct StreamHello: Sendable, Hashable {
    package var document: DocumentID
    /// The node that the replica runs on.
    package var gateway: NodeIdentity
    /// The committed version that the replica holds, with its digest; `nil` when it holds nothing.
    package var holds: Held?

    package struct Held: Sendable, Hashable {
        package var version: Version
        package var digest: Digest
        package init(version: Version, digest: Digest) {
            self.version = version
            self.digest = digest
        }
    }

    package init(document: DocumentID, gateway: NodeIdentity, holds: Held?) {
        self.document = document
        self.gateway = gateway
        self.holds = holds
    }
}

/// A client's connection announced to the owner, at its start and again to every new owner.
package struct JoinRequest: Sendable, Hashable {
    package var session: SessionToken
    package var clientID: ClientID
    package var profile: ClientProfile
    package var permission: Permission
    /// Where the client says that this connection stands among its own; `nil`: it does not say.
    package var order: ConnectionOrder?
    /// The number that an earlier owner gave to this same connection; `nil` for a connection that has none yet.
    package var number: ConnectionNumber?
    package var presence: Presence

    package init(
        session: SessionToken, clientID: ClientID, profile: ClientProfile, permission: Permission,
        order: ConnectionOrder?, number: ConnectionNumber?, presence: Presence
    ) {
        self.session = session
        self.clientID = clientID
        self.profile = profile
        self.permission = permission
        self.order = order
        self.number = number
        self.presence = presence
    }
}

/// An operation as its client sent it: based on `base`, not yet transformed.
package struct Submission: Sendable, Hashable {
    package var clientID: ClientID
    package var connection: ConnectionNumber
    package var operationID: OperationID
    package var base: Version
    package var delta: Delta
    /// Where the client is after this operation.
    package var presence: Presence?
    /// The trace that it belongs to, whether or not that is recorded; `nil` while nobody traces.
    package var trace: TraceContext?

    package init(
        clientID: ClientID, connection: ConnectionNumber, operationID: OperationID, base: Version, delta: Delta,
        presence: Presence?, trace: TraceContext? = nil
    ) {
        self.clientID = clientID
        self.connection = connection
        self.operationID = operationID
        self.base = base
        self.delta = delta
        self.presence = presence
        self.trace = trace
    }
}

/// What a replica tells the owner of its document.
package enum ReplicaMessage: Sendable, Hashable {
    /// Answered by ``OwnerMessage/joined(_:)`` or ``OwnerMessage/joinRefused(_:_:_:)``.
    case join(JoinRequest)
    case leave(ClientID, ConnectionNumber)
    /// Answered by a commit, ``OwnerMessage/acknowledged(_:_:_:_:_:)`` or ``OwnerMessage/rejected(_:_:_:_:_:)``.
    case submit(Submission)
    /// Positions count in the document at the version.
    case presence(ClientID, ConnectionNumber, Version, Presence)
    /// Asks for the committed version; answered by ``OwnerMessage/committed(question:_:)`` after every commit up to it.
    case askCommitted(question: UInt64)
}
