package import CollabModel
package import DocumentCore

/// The version of the language between nodes; a peer with another one is told so and not talked to.
package enum PeerProtocolVersion {
    package static let current = 1
}

/// Why a replica believes that the last known owner is gone: what entitles a successor to claim.
package enum OwnerSuspicion: Sendable, Hashable {
    /// The owner's host refused or reset the connection.
    case refused(NodeIdentity, Epoch)
    /// The owner's node lease has expired.
    case expired(NodeIdentity, Epoch)
    /// Neither this node nor any member that it asked can reach the owner, although its lease lives.
    case unreachable(NodeIdentity, Epoch)
}

/// A replica asks a node for a stream to the owner of a document.
package struct OpenRequest: Sendable, Hashable {
    package var hello: StreamHello
    /// Asks the receiver to become the owner if the document has none, or if this says that it lost its owner.
    package var mayActivate: Bool
    package var suspicion: OwnerSuspicion?
    package init(hello: StreamHello, mayActivate: Bool, suspicion: OwnerSuspicion?) {
        self.hello = hello
        self.mayActivate = mayActivate
        self.suspicion = suspicion
    }
}

/// Why a node does not serve as owner.
package enum OpenRefusal: Sendable, Hashable {
    /// Another node owns the document, as far as the receiver knows.
    case ownedBy(NodeRecord, Epoch)
    /// The receiver is not the owner and was not asked, or not entitled, to become it.
    case notOwner
    case noSuchDocument
    /// The document cannot be loaded whole and verified (guarantee G8).
    case damaged(String)
    /// The receiver is leaving the cluster.
    case draining
    /// PostgreSQL cannot be reached, or the receiver is overloaded: try again.
    case unavailable(String)
}

/// What travels from a replica to an owner on a stream.
package struct ReplicaFrame: Sendable, Hashable {
    /// The epoch of the owner that the replica talks to.
    package var epoch: Epoch
    package var message: ReplicaMessage
    package init(epoch: Epoch, message: ReplicaMessage) {
        self.epoch = epoch
        self.message = message
    }
}

/// What travels from an owner to a replica on a stream.
package struct OwnerFrame: Sendable, Hashable {
    package var epoch: Epoch
    package var message: OwnerMessage
    package init(epoch: Epoch, message: OwnerMessage) {
        self.epoch = epoch
        self.message = message
    }
}

/// A question to a node outside the streams.
package enum PeerRequest: Sendable, Hashable {
    /// Are you there?
    case probe
    /// Take this document over from me: everything under `epoch` is durable up to `head`.
    case takeOver(DocumentID, epoch: Epoch, head: Version)
    /// Can you reach the node at this address within the time?
    case canYouReach(PeerAddress, milliseconds: Int)
    /// Which epoch and version does this node have of the document that it owns?
    case locate(DocumentID)
    /// The sender owns this document now, with this epoch: an owner of an older one steps down.
    case superseded(DocumentID, Epoch)
    /// Leave the cluster in order.
    case drain
    /// Do not leave after all: take documents again.
    case undrain
    /// How are you, and what have you seen? For operators.
    case report(ReportQuery)
}

package enum PeerResponse: Sendable, Hashable {
    case alive(NodeRecord)
    case tookOver(Epoch)
    case reachable(Bool)
    case located(Epoch, Version, sessions: Int)
    case notOwner
    case draining
    case noted
    case report(NodeReport)
    case failed(String)
}
