import Randomness

/// A hash of everything that happened, in order: two runs with the same hash did the same.
struct TraceHash {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325
    /// How much has been taken.
    private(set) var count: UInt64 = 0

    /// Takes a word.
    mutating func add(_ word: UInt64) {
        value = SplitMix64.mixed(value &+ word &+ SplitMix64.increment)
        count += 1
    }

    mutating func add(_ number: Int64) { add(UInt64(bitPattern: number)) }
}
