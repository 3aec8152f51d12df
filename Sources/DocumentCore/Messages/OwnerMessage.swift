package import CollabModel
package import Delta

/// The first message of an owner on a replica's stream: everything that the replica lacks.
package struct StreamOpening: Sendable, Hashable {
    package enum State: Sendable, Hashable {
        /// The operations after the version that the replica said it holds, in order.
        case operations([CommittedOperation])
        /// The whole document: its content as a JSON array of ops in UTF-8.
        case content(version: Version, digest: Digest, encoded: [UInt8])
    }
    package var epoch: Epoch
    package var owner: NodeIdentity
    package var state: State
    /// Everybody who is in the document, at the version that `state` ends with.
    package var clients: [ClientEntry]
    /// Whether submissions are held because the log cannot be reached.
    package var isDegraded: Bool

    package init(
        epoch: Epoch, owner: NodeIdentity, state: State, clients: [ClientEntry], isDegraded: Bool
    ) {
        self.epoch = epoch
        self.owner = owner
        self.state = state
        self.clients = clients
        self.isDegraded = isDegraded
    }
}

/// One client as the others see it.
package struct ClientEntry: Sendable, Hashable {
    package var clientID: ClientID
    package var profile: ClientProfile
    package var presence: Presence
    package init(clientID: ClientID, profile: ClientProfile, presence: Presence) {
        self.clientID = clientID
        self.profile = profile
        self.presence = presence
    }
}

/// The owner's answer to a join.
package struct JoinAcceptance: Sendable, Hashable {
    package var session: SessionToken
    package var clientID: ClientID
    package var connection: ConnectionNumber
    package init(session: SessionToken, clientID: ClientID, connection: ConnectionNumber) {
        self.session = session
        self.clientID = clientID
        self.connection = connection
    }
}

/// Why an owner ends a replica's stream.
package enum StreamEnd: Sendable, Hashable {
    /// Another node owns the document now, or will in a moment; its epoch is at least the given one.
    case movedTo(NodeRecord, Epoch)
    /// This node does not own the document any more and does not know who does.
    case steppedDown
    /// The document has been deleted.
    case deleted
    /// The document cannot be loaded whole and verified (guarantee G8), or cannot be written.
    case failed(String)
    /// The replica did not take what was sent to it.
    case overflow
}

/// What an owner tells a replica of its document. Every message travels with the owner's epoch.
package enum OwnerMessage: Sendable, Hashable {
    /// First on every stream.
    case opened(StreamOpening)
    case joined(JoinAcceptance)
    /// `conflict`: a newer connection of the client is here.
    case joinRefused(SessionToken, ErrorCode, String)
    /// Durable operations that continue where the last message of this kind, or the opening, ended.
    case commits(CommitBatch)
    case clientJoined(ClientEntry)
    case clientLeft(ClientID)
    /// Where a client is, in the document at the version, which has been sent before.
    case presence(ClientID, Version, Presence)
    /// A submission that was sent before is durable as this version, which has been sent before (guarantee G3).
    case acknowledged(ClientID, ConnectionNumber, OperationID, Version, Digest)
    /// A submission was not applied, and will not be beside a later one of its client, unless the code says that it may be
    /// retried.
    case rejected(ClientID, ConnectionNumber, OperationID, ErrorCode, String)
    case committed(question: UInt64, Version)
    /// A newer connection of the same client has taken its place.
    case replaced(ClientID, ConnectionNumber)
    case degraded(String)
    case restored
    /// The last message of a stream.
    case end(StreamEnd)
}
