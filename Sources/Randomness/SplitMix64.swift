/// A small random generator with one word of state, whose sequence its seed determines (Steele, Lea, Flood: "Fast
/// splittable pseudorandom number generators", OOPSLA 2014). Not for secrets.
package struct SplitMix64: RandomNumberGenerator, Sendable, Hashable {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= Self.increment
        return Self.mixed(state)
    }

    /// By how much the state grows with each number.
    package static let increment: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// The generator's finalizer: a permutation of the words in which every bit depends on every other.
    package static func mixed(_ word: UInt64) -> UInt64 {
        var word = word
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
