package import CollabModel
package import Delta

extension Presence {
    /// Where this presence is after an operation.
    ///
    /// Owner, replicas and clients move presence by this one rule, so that they agree: an insert of somebody else at
    /// the cursor leaves it to the left of the insert, an insert of its own client moves it to the right.
    ///
    /// - Parameter isOwn: whether the operation is of the client whose presence this is.
    package func moved(over operation: Delta, isOwn: Bool) -> Presence {
        var result = self
        if let cursor { result.cursor = operation.transformPosition(cursor, priority: !isOwn) }
        if let selection {
            let start = operation.transformPosition(selection.index, priority: !isOwn)
            let end = operation.transformPosition(selection.index + selection.length, priority: !isOwn)
            result.selection = SelectionRange(index: start, length: max(0, end - start))
        }
        return result
    }

    /// This presence with every position between 0 and `length`, in UTF-16 units.
    package func clamped(to length: Int) -> Presence {
        var result = self
        if let cursor { result.cursor = min(max(cursor, 0), length) }
        if let selection {
            let start = min(max(selection.index, 0), length)
            let room = length - start
            result.selection = SelectionRange(index: start, length: min(max(selection.length, 0), room))
        }
        return result
    }

    /// Whether there is nothing to tell of it.
    package var isEmpty: Bool { cursor == nil && selection == nil }
}

/// A presence and the version in whose document its positions count.
///
/// It is moved when somebody asks for it, not at every operation: most are replaced by their client before that.
package struct PlacedPresence: Sendable, Hashable {
    package private(set) var presence: Presence
    package private(set) var version: Version

    package init(_ presence: Presence, at version: Version) {
        self.presence = presence
        self.version = version
    }

    /// Moves it to a version that `window` reaches; what lies below the window stays where it was, clamped by readers.
    package mutating func move(to target: Version, over window: OperationWindow, client: ClientID) {
        guard version < target else { return }
        if presence.isEmpty || version < window.start {
            version = target
            return
        }
        while version < target {
            let operation = window[version.next]
            presence = presence.moved(over: operation.delta, isOwn: operation.clientID == client)
            version = operation.version
        }
    }
}
