/// The connections of this node to one server that it depends on.
package struct DependencyLinks: Sendable, Hashable {
    /// Whether requests are sent, in the words of a circuit breaker.
    package enum Breaker: Int, Sendable, Hashable {
        /// There is a connection.
        case closed = 0
        /// Connecting is being tried.
        case halfOpen = 1
        /// Requests fail at once until the next attempt.
        case open = 2
    }

    /// What one connection is doing.
    package enum Phase: Sendable, Hashable {
        case open, connecting
        /// Pauses before the next attempt, or was not asked for yet.
        case waiting
    }

    package var open = 0
    package var connecting = 0
    package var waiting = 0

    package init(_ phases: some Sequence<Phase>) {
        for phase in phases {
            switch phase {
            case .open: open += 1
            case .connecting: connecting += 1
            case .waiting: waiting += 1
            }
        }
    }

    package var breaker: Breaker { open > 0 ? .closed : connecting > 0 ? .halfOpen : .open }
}
