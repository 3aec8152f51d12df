/// How long to wait before the next connection attempt: exponential with jitter, so that nodes which lost the same
/// server do not come back in step.
package struct ReconnectBackoff: Sendable, Hashable {
    /// The longest wait before the first attempt after a loss.
    package var base: Duration
    /// The longest wait at all.
    package var maximum: Duration
    private var attempts = 0

    /// Describes a backoff; by default 20 ms, doubled up to 1 s.
    package init(base: Duration = .milliseconds(20), maximum: Duration = .seconds(1)) {
        self.base = base
        self.maximum = maximum
    }

    /// The wait before the next attempt: between half of the present step and the whole of it.
    package mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let step = min(base * (1 << min(attempts, 20)), maximum)
        attempts += 1
        return step * Double.random(in: 0.5...1, using: &generator)
    }

    /// Starts over.
    package mutating func reset() { attempts = 0 }
}
