/// Waiting times that double up to a bound.
struct Backoff {
    private var current: Duration
    private let first: Duration
    private let most: Duration

    init(from first: Duration = .milliseconds(20), to most: Duration = .milliseconds(500)) {
        self.first = first
        self.most = most
        self.current = first
    }

    /// The next waiting time.
    mutating func next() -> Duration {
        defer { current = min(current * 2, most) }
        return current
    }

    mutating func reset() { current = first }
}
