/// Pauses between attempts: they double up to a bound, each shortened at random by up to half.
struct Backoff {
    private let first: Duration
    private let last: Duration
    private var state: UInt64
    private var attempts = 0

    init(first: Duration, last: Duration, seed: UInt64) {
        self.first = first
        self.last = last
        state = seed
    }

    /// The next pause.
    mutating func next() -> Duration {
        let doubled = first * (1 << min(attempts, 20))
        attempts += 1
        let whole = min(doubled, last).wholeNanoseconds
        return .nanoseconds(whole - Int64(random() % UInt64(whole / 2 + 1)))
    }

    mutating func reset() { attempts = 0 }

    /// SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", 2014).
    private mutating func random() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
