import Randomness

/// Exponential waits with jitter between attempts to connect: the next wait is drawn from the upper half of a span that
/// doubles up to a maximum.
package struct Backoff: Sendable {
    private let first: Int64
    private let maximum: Int64
    private var attempts = 0
    private var generator: SplitMix64

    /// - Parameters:
    ///   - first: the span of the first wait, in milliseconds.
    ///   - maximum: the largest span, in milliseconds.
    package init(firstMilliseconds first: Int64, maximumMilliseconds maximum: Int64, seed: UInt64) {
        self.first = max(1, first)
        self.maximum = max(1, maximum)
        generator = SplitMix64(seed: seed)
    }

    /// The next wait, in microseconds.
    package mutating func next() -> Int64 {
        let span = min(maximum, first << Int64(min(attempts, 20))) * 1_000
        attempts += 1
        return span / 2 + Int64.random(in: 0...span / 2, using: &generator)
    }

    /// A wait of at most so many milliseconds that does not count as an attempt, in microseconds.
    package mutating func short(upToMilliseconds milliseconds: Int64) -> Int64 {
        Int64.random(in: 0...milliseconds * 1_000, using: &generator)
    }

    package mutating func reset() {
        attempts = 0
    }
}
