import Randomness

/// Pauses between attempts: they double up to a bound, each shortened at random by up to half.
struct Backoff {
    private let first: Duration
    private let last: Duration
    private var generator: SplitMix64
    private var attempts = 0

    init(first: Duration, last: Duration, seed: UInt64) {
        self.first = first
        self.last = last
        generator = SplitMix64(seed: seed)
    }

    /// The next pause.
    mutating func next() -> Duration {
        let doubled = first * (1 << min(attempts, 20))
        attempts += 1
        let whole = min(doubled, last).wholeNanoseconds
        return .nanoseconds(whole - Int64(generator.next() % UInt64(whole / 2 + 1)))
    }

    mutating func reset() { attempts = 0 }
}
