import Randomness

extension SplitMix64 {
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
