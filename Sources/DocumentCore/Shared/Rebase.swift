package import CollabModel
package import Delta

/// An operation, and where its client is after it, on the way from its base to the head of a document.
package struct Rebase: Sendable {
    package let clientID: ClientID
    /// The operation, ready to be applied at ``version``.
    package private(set) var delta: Delta
    /// Where the client is after ``delta``.
    package private(set) var presence: Presence?
    /// The version that ``delta`` is based on now.
    package private(set) var version: Version

    package init(clientID: ClientID, delta: Delta, presence: Presence?, base: Version) {
        self.clientID = clientID
        self.delta = delta
        self.presence = presence
        version = base
    }

    /// Moves on over the operation that made the next version: it came first and has priority.
    package mutating func advance(over earlier: CommittedOperation) {
        assert(earlier.version == version.next, "operations are transformed over in order")
        if presence != nil {
            let moved = delta.transform(earlier.delta, priority: false)
            presence = presence?.moved(over: moved, isOwn: earlier.clientID == clientID)
        }
        #if MUTANTS
            if Mutant.wrongPriority.isActive {
                delta = earlier.delta.transform(delta, priority: false)
                version = earlier.version
                return
            }
        #endif
        delta = earlier.delta.transform(delta, priority: true)
        version = earlier.version
    }
}
