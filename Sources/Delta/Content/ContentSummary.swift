/// What a node of a document's tree knows of everything below it.
struct ContentSummary: Sendable {
    // Half words, because an edit looks at the summaries of all siblings on its way and these come from memory: a
    // document has at most 2^31 - 1 units, and a remainder is below 2^31.
    private var units: UInt32 = 0
    private var ends: UInt32 = 0
    private var hashes: (UInt32, UInt32) = (0, 0)
    private var powers: (UInt32, UInt32) = (1, 1)
    /// An estimate of the memory taken up, in bytes.
    var bytes = 0

    /// UTF-16 units.
    var length: Int {
        @inline(__always) get { Int(units) }
        @inline(__always) set { units = UInt32(truncatingIfNeeded: newValue) }
    }
    /// How many of the units are second halves of surrogate pairs: all but these begin a code point, and where there
    /// are none, no pair can be split.
    var pairEnds: Int {
        @inline(__always) get { Int(ends) }
        @inline(__always) set { ends = UInt32(truncatingIfNeeded: newValue) }
    }
    /// The hash of the numbers of the units.
    var hash: HashPair {
        @inline(__always) get { HashPair(UInt64(hashes.0), UInt64(hashes.1)) }
        @inline(__always) set {
            hashes = (UInt32(truncatingIfNeeded: newValue.first), UInt32(truncatingIfNeeded: newValue.second))
        }
    }
    /// The bases to the power `length`.
    var power: HashPair {
        @inline(__always) get { HashPair(UInt64(powers.0), UInt64(powers.1)) }
        @inline(__always) set {
            powers = (UInt32(truncatingIfNeeded: newValue.first), UInt32(truncatingIfNeeded: newValue.second))
        }
    }

    /// What is known of this followed by another.
    @inline(__always)
    mutating func append(_ other: ContentSummary) {
        length &+= other.length
        pairEnds &+= other.pairEnds
        bytes &+= other.bytes
        hash = hash.times(other.power, plus: other.hash)
        power = power.times(other.power)
    }
}

extension ContentSummary: Equatable {
    static func == (left: ContentSummary, right: ContentSummary) -> Bool {
        left.length == right.length && left.pairEnds == right.pairEnds && left.bytes == right.bytes
            && left.hash == right.hash && left.power == right.power
    }
}
