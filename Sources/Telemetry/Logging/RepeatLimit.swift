internal import Logging
internal import RuntimePorts
internal import Synchronization

/// Bounds how often one event is logged, so that what happens a thousand times a second neither fills the disk nor
/// holds up whoever reports it.
///
/// Each event of each level has a bucket of its own: a flood of one event does not hide another.
final class RepeatLimit: Sendable {
    /// How many lines of one event are written in a second, and at once.
    struct Rate {
        var perSecond: Double
        var burst: Double

        /// What somebody asked for knowingly has a higher bound.
        static func of(_ level: Logger.Level) -> Rate {
            level <= .debug ? Rate(perSecond: 2_000, burst: 4_000) : Rate(perSecond: 20, burst: 200)
        }
    }

    /// The most events that are told apart; what comes beyond shares one bucket.
    static let events = 256

    private struct Event: Hashable {
        var level: Logger.Level
        var name: String
    }

    private struct Bucket {
        var tokens: Double
        var filledAt: Int64
        /// Lines that were not written since the last that was.
        var suppressed = 0
    }

    private let buckets = Mutex<[Event: Bucket]>([:])
    private let clock: any RuntimeClock
    private let suppressed: @Sendable () -> Void

    init(clock: any RuntimeClock, suppressed: @escaping @Sendable () -> Void) {
        self.clock = clock
        self.suppressed = suppressed
    }

    /// Takes one line of the event's share: answers how many were not written since the last that was, or `nil` when
    /// this one is not written.
    func take(_ level: Logger.Level, _ name: String) -> Int? {
        let now = clock.monotonicMicroseconds()
        let rate = Rate.of(level)
        let before = buckets.withLock { buckets -> Int? in
            var event = Event(level: level, name: name)
            if buckets[event] == nil, buckets.count >= Self.events {
                // Whoever has been quiet for so long that nothing is left to remember.
                buckets = buckets.filter { event, bucket in
                    bucket.suppressed > 0 || Self.filled(bucket, event.level, now) < Rate.of(event.level).burst
                }
                if buckets.count >= Self.events { event.name = "" }
            }
            var bucket = buckets[event] ?? Bucket(tokens: rate.burst, filledAt: now)
            bucket.tokens = Self.filled(bucket, level, now)
            bucket.filledAt = now
            defer { buckets[event] = bucket }
            guard bucket.tokens >= 1 else {
                bucket.suppressed += 1
                return nil
            }
            bucket.tokens -= 1
            defer { bucket.suppressed = 0 }
            return bucket.suppressed
        }
        if before == nil { suppressed() }
        return before
    }

    private static func filled(_ bucket: Bucket, _ level: Logger.Level, _ now: Int64) -> Double {
        let rate = Rate.of(level)
        return min(rate.burst, bucket.tokens + Double(max(0, now - bucket.filledAt)) * 1e-6 * rate.perSecond)
    }
}
