package import CollabModel

/// Who holds a document's lease. Valid while the node lease of that node with that incarnation is alive.
package struct DocumentLease: Sendable, Hashable {
    package var owner: NodeIdentity
    package var epoch: Epoch
    package init(owner: NodeIdentity, epoch: Epoch) {
        self.owner = owner
        self.epoch = epoch
    }
}

/// What a node sees of the cluster at one moment.
package struct MembershipSnapshot: Sendable, Hashable {
    /// The nodes whose lease is alive, ordered by id.
    package var members: [NodeRecord]
    /// For how long, by the store's clock, the cluster's marker has stood without a gap; `nil`: it is missing.
    ///
    /// Every renewal writes the marker anew if it is missing, else prolongs it by the time to live and keeps its time
    /// of birth. So it is missing or young after the store was emptied, and also after the store (or every node) was
    /// gone for so long that all leases ran out. While it is younger than a time to live, a missing node lease says
    /// nothing about its node.
    package var markerAgeMilliseconds: Int?
    package init(members: [NodeRecord], markerAgeMilliseconds: Int?) {
        self.members = members
        self.markerAgeMilliseconds = markerAgeMilliseconds
    }
}

package enum NodeLeaseOutcome: Sendable, Hashable {
    /// The lease is ours for the time to live, counted from before the request.
    case held
    /// The id's lease is alive with another incarnation.
    case occupied(by: Incarnation)
}

package enum LeaseClaimOutcome: Sendable, Hashable {
    case claimed
    /// Somebody else's lease stands there now, alive or not.
    case held(DocumentLease)
}

/// What was announced on the membership channel: a reason to read the snapshot at once, not a fact to rely on.
package enum MembershipEvent: Sendable, Hashable {
    case changed
    /// The connection to the store was lost and is back.
    case reconnected
}

/// Failure of a store that may be tried again. Says nothing about whether the request took effect.
package struct StoreUnavailable: Error, Sendable, CustomStringConvertible {
    /// For people; without secrets.
    package var message: String
    package init(_ message: String) { self.message = message }
    package var description: String { message }
}

/// Who is alive and who owns what: fast, may be lost, never decides whether something is right
/// (architecture.md, "Who owns a document").
package protocol LeaseStore: Sendable {
    /// Writes or renews the node's lease with a time to live measured by the store's clock, unless another incarnation
    /// holds it, and writes the cluster marker. A first registration is announced.
    func renew(_ node: NodeRecord, timeToLiveMilliseconds: Int) async throws(StoreUnavailable) -> NodeLeaseOutcome
    /// Deletes the node's lease if it is this incarnation's, and announces it.
    func leave(_ node: NodeIdentity) async throws(StoreUnavailable)
    func members() async throws(StoreUnavailable) -> MembershipSnapshot
    /// The document's lease, whether or not its holder is alive.
    func lease(of document: DocumentID) async throws(StoreUnavailable) -> DocumentLease?
    /// Puts `lease` in the place of `expected` (`nil`: none), else says what stands there. If `lease` itself stands
    /// there already it is `claimed`, so that a claim whose outcome is unknown can be sent again.
    func claim(_ document: DocumentID, replacing expected: DocumentLease?, with lease: DocumentLease)
        async throws(StoreUnavailable) -> LeaseClaimOutcome
    /// Deletes the document's lease if it is exactly this one.
    func release(_ document: DocumentID, _ lease: DocumentLease) async throws(StoreUnavailable)
    /// Announcements until the consumer stops; several may be merged into one.
    func events() -> AsyncStream<MembershipEvent>
}
