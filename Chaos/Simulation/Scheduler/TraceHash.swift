/// A hash of everything that happened, in order: two runs with the same hash did the same.
struct TraceHash {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325
    /// How much has been taken.
    private(set) var count: UInt64 = 0

    /// Takes a word (the finalizer of SplitMix64; Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
    /// Generators", 2014).
    mutating func add(_ word: UInt64) {
        var mixed = value &+ word &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        value = mixed ^ (mixed >> 31)
        count += 1
    }

    mutating func add(_ number: Int64) { add(UInt64(bitPattern: number)) }
}
