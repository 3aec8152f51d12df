/// A party whose work can be stopped, continued and ended: one life of a node, a server, an editor.
///
/// Everything that the scheduler runs belongs to one process, and what is started meanwhile belongs to it too. So a
/// stopped process does nothing at all, wherever it was, and goes on from there: as SIGSTOP and SIGCONT do it, but
/// between two jobs only, never within one.
final class SimulatedProcess {
    enum State {
        case running
        /// Its jobs, timers and what arrives are withheld.
        case stopped
        /// Its jobs run to their end without any effect outside, so that what they hold is let go.
        case ended
    }

    let number: Int
    let name: String
    private(set) var state = State.running
    var withheldJobs: [UnsafeMutableRawPointer] = []
    var withheldEvents: [EventQueue.Event] = []
    /// How the process's own clocks go.
    var time = LocalTime()

    init(number: Int, name: String) {
        self.number = number
        self.name = name
    }

    var isRunning: Bool { state == .running }
    var isStopped: Bool { state == .stopped }
    var hasEnded: Bool { state == .ended }

    /// Only the scheduler changes the state, because it has to withhold and give back.
    func set(_ state: State) { self.state = state }
}

/// A clock that need not go at the rate of the virtual time, nor show the right time of day.
struct LocalTime {
    private var anchor: Int64 = 0
    private var anchorLocal: Int64 = 1_000_000_000
    /// Local seconds in a second, in thousandths.
    private(set) var permille: Int64 = 1_000
    /// What the time of day is wrong by, in microseconds.
    var wallOffset: Int64 = 0

    /// The monotonic clock, in microseconds, when the virtual time is `now`.
    func monotonic(_ now: Int64) -> Int64 { anchorLocal + (now - anchor) * permille / 1_000 }

    /// Goes at another rate from now on.
    mutating func setRate(permille rate: Int64, now: Int64) {
        anchorLocal = monotonic(now)
        anchor = now
        permille = max(1, rate)
    }

    /// How much virtual time a local time takes, in microseconds.
    func virtual(_ local: Int64) -> Int64 { (local * 1_000 + permille - 1) / permille }
}
