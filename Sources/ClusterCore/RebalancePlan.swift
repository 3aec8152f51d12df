package import CollabModel

/// Which documents a node should hand to others after the view has changed: a few at a time, idle ones first.
package enum RebalancePlan {
    /// A document that the node owns.
    package struct Owned: Sendable, Hashable {
        package var document: DocumentID
        /// Submissions taken since the last look.
        package var recentSubmissions: Int
        package init(document: DocumentID, recentSubmissions: Int) {
            self.document = document
            self.recentSubmissions = recentSubmissions
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
            guard let place = view.placement(of: entry.document, excluding: leaving ? [me] : []), place.id != me
            else { continue }
            moves.append((entry.document, place))
        }
        return moves
    }
}
