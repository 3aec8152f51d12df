/// What is wrong with one direction of a link.
package struct LaneCondition: Hashable, Sendable {
    /// Nothing passes, and nobody is told: neither bytes nor the end of a connection. What waits passes when the cut is
    /// lifted, as a network delivers again what it had lost.
    package var isCut = false
    /// How much later everything arrives.
    package var delay: Duration = .zero
    /// A random time up to this is added to the delay; order is kept.
    package var jitter: Duration = .zero
    /// The most that passes in a second; `nil`: all.
    package var bytesPerSecond: Int?
    /// After so many bytes more on a connection, the rest is lost and the connection is reset; `nil`: never.
    package var bytesUntilReset: Int?

    /// Nothing is wrong.
    package init() {}

    /// Both conditions at once: delays add up, the narrower bound holds.
    func combined(with other: LaneCondition) -> LaneCondition {
        var result = self
        result.isCut = isCut || other.isCut
        result.delay += other.delay
        result.jitter += other.jitter
        result.bytesPerSecond = [bytesPerSecond, other.bytesPerSecond].compactMap(\.self).min()
        result.bytesUntilReset = [bytesUntilReset, other.bytesUntilReset].compactMap(\.self).min()
        return result
    }
}

/// What is wrong with a link.
package struct LinkCondition: Hashable, Sendable {
    /// From the party that dials to the one that listens.
    package var forward = LaneCondition()
    /// From the party that listens to the one that dials.
    package var backward = LaneCondition()
    /// New connections are refused. Where others may still connect to the same party, the connection is accepted and
    /// reset at once instead.
    package var refuses = false

    /// Nothing is wrong.
    package init() {}

    /// Makes the same wrong in the directions of choice.
    package init(forward: LaneCondition = LaneCondition(), backward: LaneCondition = LaneCondition()) {
        self.forward = forward
        self.backward = backward
    }

    /// No new connections.
    package static var refusing: LinkCondition {
        var condition = LinkCondition()
        condition.refuses = true
        return condition
    }

    /// Whether a connection cannot be made now: the packets that make it are lost.
    var isUnreachable: Bool { forward.isCut || backward.isCut }

    func combined(with other: LinkCondition) -> LinkCondition {
        var result = LinkCondition(
            forward: forward.combined(with: other.forward), backward: backward.combined(with: other.backward))
        result.refuses = refuses || other.refuses
        return result
    }
}
