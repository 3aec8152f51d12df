package import Logging
package import RuntimePorts
internal import Synchronization

/// What all loggers of a process share: their level, which may change while they are used, and the bound of repeats.
package final class LogControl: Sendable {
    private static let levels = Logger.Level.allCases

    private let levelIndex: Atomic<Int>
    private let repeats: RepeatLimit

    /// - Parameters:
    ///   - level: what is less severe is not written.
    ///   - clock: for the bound of repeats.
    ///   - suppressed: is told of every line that was not written because of that bound.
    package init(
        level: Logger.Level, clock: any RuntimeClock, suppressed: @escaping @Sendable () -> Void
    ) {
        levelIndex = Atomic(Self.index(level))
        repeats = RepeatLimit(clock: clock, suppressed: suppressed)
    }

    /// The level of every logger that was not given one of its own. Changes at once, for all threads.
    package var level: Logger.Level {
        get { Self.levels[levelIndex.load(ordering: .relaxed)] }
        set { levelIndex.store(Self.index(newValue), ordering: .relaxed) }
    }

    /// Whether a line of this event is written now: how many before it were not, or `nil` when it is not either.
    func take(_ level: Logger.Level, _ event: String) -> Int? { repeats.take(level, event) }

    private static func index(_ level: Logger.Level) -> Int { levels.firstIndex(of: level) ?? 0 }
}
