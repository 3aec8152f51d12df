import NIOCore

/// Lets so many things happen in a second on average, and so many at once.
struct TokenBucket {
    struct Rate: Sendable {
        var perSecond: Double
        var burst: Double
    }

    private var tokens: Double
    private var filledAt: NIODeadline

    /// Starts full.
    init(_ rate: Rate, now: NIODeadline) {
        tokens = rate.burst
        filledAt = now
    }

    /// Takes one token, or says that there is none. The rate is the same at every call.
    mutating func take(_ rate: Rate, now: NIODeadline) -> Bool {
        tokens = min(rate.burst, tokens + Double((now - filledAt).nanoseconds) * 1e-9 * rate.perSecond)
        filledAt = now
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
