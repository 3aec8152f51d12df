import ClusterCore
import CollabModel
import RuntimePorts

/// Decides which of the documents that are behind this node is to publish.
///
/// A document's owner publishes it; where the owner is gone, the node on which the document has its place. A document
/// whose position does not move falls to one node after the other, each after `patience`: whoever was to publish it
/// cannot, or has no broker. Two nodes that differ in what they see publish it both, which costs repeats.
struct PublishingDuty {
    /// A document of others that is behind.
    private struct Observation {
        var published: Version
        /// Since when it has been there, in monotonic microseconds.
        var since: Int64
    }

    private let node: NodeIdentity
    private let patience: Int64
    private let capacity: Int
    /// Of this look through the documents and of the last one.
    private var (current, former): ([DocumentID: Observation], [DocumentID: Observation]) = ([:], [:])

    /// - Parameters:
    ///   - patience: in microseconds.
    ///   - capacity: of how many documents it is remembered that they do not move.
    init(_ node: NodeIdentity, patience: Int64, capacity: Int) {
        self.node = node
        self.patience = patience
        self.capacity = capacity
    }

    /// Begins to look through all documents.
    ///
    /// - Parameter canPublish: whether this node reaches the broker; while it does not, nobody else may either, and no
    ///   document is held against its owner.
    mutating func begin(canPublish: Bool) {
        former = canPublish ? current : [:]
        current = [:]
    }

    /// Whether this node is to publish a document; `nil` when it cannot be known who is alive.
    ///
    /// - Parameters:
    ///   - trustsAbsence: whether a node that is not in the view is gone.
    ///   - now: monotonic microseconds.
    mutating func covers(
        _ document: UnpublishedDocument, in view: MembershipView, trustsAbsence: Bool, now: Int64
    ) -> Bool? {
        guard document.owner != node else { return true }
        var passedOver: Set<NodeID> = []
        var turns = turns(of: document, now)
        if let owner = document.owner {
            if view.contains(owner) {
                guard turns > 0 else { return false }
                passedOver.insert(owner.node)
                turns -= 1
            } else if !trustsAbsence {
                return nil
            }
        }
        var place = view.placement(of: document.document, excluding: passedOver)
        while turns > 0, let former = place {
            passedOver.insert(former.id)
            guard let next = view.placement(of: document.document, excluding: passedOver) else { break }
            place = next
            turns -= 1
        }
        return place?.identity == node
    }

    /// How many nodes have had their time to publish a document.
    private mutating func turns(of document: UnpublishedDocument, _ now: Int64) -> Int {
        var observation = Observation(published: document.published, since: now)
        if let known = former[document.document], known.published == document.published {
            observation.since = known.since
        }
        if current.count < capacity { current[document.document] = observation }
        return Int(max(0, now - observation.since) / max(1, patience))
    }
}
