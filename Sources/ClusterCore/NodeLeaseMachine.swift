package import CollabModel

/// How long leases live and how often they are renewed. Milliseconds.
package struct LeaseTiming: Sendable, Hashable {
    package var timeToLiveMilliseconds: Int
    package var renewalMilliseconds: Int
    package init(timeToLiveMilliseconds: Int = 2_000, renewalMilliseconds: Int = 500) {
        self.timeToLiveMilliseconds = timeToLiveMilliseconds
        self.renewalMilliseconds = renewalMilliseconds
    }
    package var timeToLiveMicroseconds: Int64 { Int64(timeToLiveMilliseconds) * 1_000 }
    package var renewalMicroseconds: Int64 { Int64(renewalMilliseconds) * 1_000 }
}

/// A node's own view of its lease, from the answers to its renewals. Times are microseconds of a clock that goes on
/// while the process is stopped.
///
/// The lease is counted from before the renewal was sent, so that the node never believes in it longer than the store
/// does. A lapse is no catastrophe: epochs keep the log right; but what the node would *show* may be old, so owners
/// read their epoch again before they serve.
package struct NodeLeaseMachine: Sendable {
    package enum State: Sendable, Hashable {
        /// Not registered yet.
        case joining
        /// Another incarnation of this node's id is alive; waiting for it to be gone until the time.
        case waiting(for: Incarnation, untilMicroseconds: Int64)
        case held(untilMicroseconds: Int64)
        case lapsed
        /// The lease had been held and is now another incarnation's; waiting for that to be gone until the time.
        case contested(by: Incarnation, untilMicroseconds: Int64)
        /// Another incarnation holds the id: this process must exit.
        case lost(to: Incarnation)
    }

    package enum Change: Sendable, Hashable {
        case joined
        case lapsed
        /// Renewed after a lapse.
        case recovered
        case lost(to: Incarnation)
    }

    package let timing: LeaseTiming
    package private(set) var state: State = .joining

    package init(timing: LeaseTiming) { self.timing = timing }

    /// The store answered a renewal that was sent at `sentAt` that the lease is held.
    package mutating func renewed(sentAt: Int64, now: Int64) -> Change? {
        let until = sentAt + timing.timeToLiveMicroseconds
        guard until > now else { return check(now: now) }
        let before = state
        state = .held(untilMicroseconds: until)
        switch before {
        case .joining, .waiting: return .joined
        case .lapsed, .contested: return .recovered
        case .held(let oldUntil): return oldUntil <= now ? .recovered : nil
        case .lost: state = before; return nil
        }
    }

    /// The store answered that another incarnation of this id is alive.
    ///
    /// It may be gone all the same: at the start it may be the last life's lease running out; later the store may have
    /// been emptied, and a renewal that the last life sent may then have arrived, long after its end. What nobody renews
    /// is gone after one time to live. What is there after that is a second process, started under this id while this one
    /// had lapsed. Until then the lease is not held.
    package mutating func occupied(by other: Incarnation, now: Int64) -> Change? {
        let until = now + timing.timeToLiveMicroseconds + timing.renewalMicroseconds
        switch state {
        case .joining:
            state = .waiting(for: other, untilMicroseconds: until)
            return nil
        case .held:
            state = .contested(by: other, untilMicroseconds: until)
            return .lapsed
        case .lapsed:
            state = .contested(by: other, untilMicroseconds: until)
            return nil
        case .waiting(_, let until), .contested(_, let until):
            guard now >= until else { return nil }
            state = .lost(to: other)
            return .lost(to: other)
        case .lost: return nil
        }
    }

    /// Time passed, or a renewal failed.
    package mutating func check(now: Int64) -> Change? {
        guard case .held(let until) = state, until <= now else { return nil }
        state = .lapsed
        return .lapsed
    }
}
