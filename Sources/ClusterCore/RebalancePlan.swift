package import CollabModel

/// Which documents a node should hand to others after the view has changed: a few at a time, idle ones first.
package enum RebalancePlan {
    /// A document that the node owns.
    package struct Owned: Sendable, Hashable {
        package var document: DocumentID
        /// Submissions taken since the last look.
        package var recentSubmissions: Int
        /// A node that a gateway of the document, or its owner, did not reach a short while ago: given to it, the document
        /// would be taken from it again, or waits for nothing. Another life of that node is not meant.
        package var avoided: NodeIdentity?
        package init(document: DocumentID, recentSubmissions: Int, avoided: NodeIdentity? = nil) {
            self.document = document
            self.recentSubmissions = recentSubmissions
            self.avoided = avoided
        }
    }

    /// The moves to begin now, at most `limit`. When `me` drains, everything has to go.
    package static func moves(
        of owned: [Owned], from me: NodeID, in view: MembershipView, limit: Int
    ) -> [(document: DocumentID, successor: NodeRecord)] {
        let leaving = view.member(me)?.isDraining ?? false
        var moves: [(document: DocumentID, successor: NodeRecord)] = []
        let idleFirst = owned.sorted {
            ($0.recentSubmissions, $0.document) < ($1.recentSubmissions, $1.document)
        }
        for entry in idleFirst {
            guard moves.count < limit else { break }
            guard let place = place(for: entry, from: me, isLeaving: leaving, in: view), place.id != me else {
                continue
            }
            moves.append((entry.document, place))
        }
        return moves
    }

    private static func place(
        for entry: Owned, from me: NodeID, isLeaving: Bool, in view: MembershipView
    ) -> NodeRecord? {
        let excluded: Set<NodeID> = isLeaving ? [me] : []
        guard let avoided = entry.avoided, view.contains(avoided) else {
            return view.placement(of: entry.document, excluding: excluded)
        }
        // Who leaves gives it even to that one rather than to nobody.
        return view.placement(of: entry.document, excluding: excluded.union([avoided.node]))
            ?? view.placement(of: entry.document, excluding: excluded)
    }
}
