/// SplitMix64: the same numbers for the same seed.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    mutating func bool() -> Bool { next() & 1 == 0 }

    /// An integer of any magnitude, the extremes among them.
    mutating func integer() -> Int64 {
        switch below(8) {
        case 0: 0
        case 1: .max
        case 2: .min
        case 3: -1
        default: Int64(truncatingIfNeeded: next()) >> Int64(below(63))
        }
    }

    /// A string of characters from one byte to a joined emoji.
    mutating func string(_ count: ClosedRange<Int> = 0...20) -> String {
        let alphabet = ["a", "Z", "0", " ", "\"", "\\", "\n", "é", "ß", "漢", "字", "😀", "👩‍👩‍👧", "\u{7F}", "\u{FFFD}"]
        return (0..<Int.random(in: count, using: &self)).map { _ in alphabet[below(alphabet.count)] }.joined()
    }
}
