/// What a node of a document's tree knows of everything below it.
struct ContentSummary: Hashable, Sendable {
    /// UTF-16 units.
    var length = 0
    /// How many of the units are second halves of surrogate pairs: all but these begin a code point, and where there
    /// are none, no pair can be split.
    var pairEnds = 0
    /// An estimate of the memory taken up, in bytes.
    var bytes = 0
    /// The hash of the numbers of the units.
    var hash = HashPair.zero
    /// The bases to the power `length`.
    var power = HashPair.one

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
