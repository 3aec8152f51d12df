/// When heartbeats are sent and what their absence means.
package struct HeartbeatTimes: Sendable, Hashable {
    /// Between two heartbeats of one side.
    package var interval: Duration = .milliseconds(250)
    /// Without a byte for so long, a connection is silent.
    package var silence: Duration = .seconds(1)
    /// Without a byte for so long, a connection is given up.
    package var abandonment: Duration = .seconds(10)
    package init() {}

    var isSound: Bool { .zero < interval && interval < silence && silence < abandonment }
}

/// Decides from the times at which bytes came whether a connection is silent. Pure: times are passed in.
///
/// A silence that this process slept through is not the peer's: when ticks come late, because the process was stopped or
/// starved, what the peer sent meanwhile may still wait in the socket. So the time between two ticks counts only up to
/// twice the interval.
package struct HeartbeatMonitor {
    package enum Verdict: Equatable, Sendable {
        case unchanged
        case silent
        case heard
        case abandon
    }

    private let times: HeartbeatTimes
    private var lastTick: Duration
    private var quiet: Duration = .zero
    private var hasHeard = false
    package private(set) var isSilent = false

    /// - Parameter now: any clock's reading, the same clock's as in every later call.
    package init(times: HeartbeatTimes, now: Duration) {
        self.times = times
        self.lastTick = now
    }

    /// Bytes came.
    package mutating func heard() -> Verdict {
        hasHeard = true
        guard isSilent else { return .unchanged }
        isSilent = false
        return .heard
    }

    /// To be called every ``HeartbeatTimes/interval``.
    package mutating func tick(now: Duration) -> Verdict {
        let elapsed = min(now - lastTick, times.interval * 2)
        lastTick = now
        if hasHeard {
            hasHeard = false
            quiet = .zero
            return .unchanged
        }
        quiet += elapsed
        if quiet >= times.abandonment { return .abandon }
        if quiet >= times.silence && !isSilent {
            isSilent = true
            return .silent
        }
        return .unchanged
    }
}
