/// Arithmetic of the digest: two polynomial hashes modulo the prime 2^31 - 1 (protocol.md, `digest`).
///
/// A hash of a sequence is the sum of each number times a power of the base, the last number's power being 1. So the
/// hash of two sequences behind each other is `left * base^length(right) + right`, which lets a tree keep it.
enum PolynomialHash {
    static let modulus: UInt64 = 0x7FFF_FFFF
    static let bases: (UInt64, UInt64) = (131, 65_599)

    /// The remainder of a value below 2^62: of a product of two remainders plus a third, or of a sum of ``dot``.
    @inline(__always)
    static func reduce(_ value: UInt64) -> UInt64 {
        let folded = (value & modulus) &+ (value >> 31)
        return folded >= modulus ? folded &- modulus : folded
    }

    /// `left * right + addend` for remainders.
    @inline(__always)
    static func multiplyAdd(_ left: UInt64, _ right: UInt64, _ addend: UInt64) -> UInt64 {
        reduce(left &* right &+ addend)
    }

    /// `left - right` for remainders.
    @inline(__always)
    static func subtract(_ left: UInt64, _ right: UInt64) -> UInt64 {
        left >= right ? left &- right : left &+ modulus &- right
    }

    static func power(_ base: UInt64, _ exponent: UInt64) -> UInt64 {
        var result: UInt64 = 1
        var square = base
        var rest = exponent
        while rest > 0 {
            if rest & 1 == 1 { result = reduce(result &* square) }
            square = reduce(square &* square)
            rest >>= 1
        }
        return result
    }
}

/// One value for each of the two bases.
struct HashPair: Hashable, Sendable {
    var first: UInt64
    var second: UInt64

    init(_ first: UInt64, _ second: UInt64) {
        self.first = first
        self.second = second
    }

    static let zero = HashPair(0, 0)
    static let one = HashPair(1, 1)

    @inline(__always)
    func times(_ other: HashPair, plus addend: HashPair = .zero) -> HashPair {
        HashPair(
            PolynomialHash.multiplyAdd(first, other.first, addend.first),
            PolynomialHash.multiplyAdd(second, other.second, addend.second))
    }

    @inline(__always)
    func minus(_ other: HashPair) -> HashPair {
        HashPair(PolynomialHash.subtract(first, other.first), PolynomialHash.subtract(second, other.second))
    }
}

/// The powers of both bases up to the longest leaf, computed once.
///
/// Unchecked: the memory is written in `init` alone and lives as long as the process.
struct HashPowers: @unchecked Sendable {
    static let shared = HashPowers()
    /// One more than the largest exponent.
    static let count = 1_024

    // `descending[count - 1 - n]` is the n-th power: in the order in which the units of a text need them.
    private let firstDescending: UnsafePointer<UInt32>
    private let secondDescending: UnsafePointer<UInt32>
    private let inverses: UnsafePointer<HashPair>
    private let sums: UnsafePointer<HashPair>

    private init() {
        let first = UnsafeMutablePointer<UInt32>.allocate(capacity: Self.count)
        let second = UnsafeMutablePointer<UInt32>.allocate(capacity: Self.count)
        let inverses = UnsafeMutablePointer<HashPair>.allocate(capacity: Self.count)
        let sums = UnsafeMutablePointer<HashPair>.allocate(capacity: Self.count)
        let base = HashPair(PolynomialHash.bases.0, PolynomialHash.bases.1)
        // Fermat: in a field of p elements the inverse of x is x^(p - 2).
        let inverse = HashPair(
            PolynomialHash.power(base.first, PolynomialHash.modulus - 2),
            PolynomialHash.power(base.second, PolynomialHash.modulus - 2))
        var power = HashPair.one
        var inversePower = HashPair.one
        var sum = HashPair.zero
        for exponent in 0..<Self.count {
            (first + (Self.count - 1 - exponent)).initialize(to: UInt32(power.first))
            (second + (Self.count - 1 - exponent)).initialize(to: UInt32(power.second))
            (inverses + exponent).initialize(to: inversePower)
            (sums + exponent).initialize(to: sum)
            sum = power.times(.one, plus: sum)
            power = power.times(base)
            inversePower = inversePower.times(inverse)
        }
        firstDescending = UnsafePointer(first)
        secondDescending = UnsafePointer(second)
        self.inverses = UnsafePointer(inverses)
        self.sums = UnsafePointer(sums)
    }

    /// The bases to a power.
    @inline(__always)
    func power(_ exponent: Int) -> HashPair {
        assert(exponent >= 0 && exponent < Self.count)
        let index = Self.count - 1 - exponent
        return HashPair(UInt64(firstDescending[index]), UInt64(secondDescending[index]))
    }

    /// The bases to a negative power.
    @inline(__always)
    func inversePower(_ exponent: Int) -> HashPair {
        assert(exponent >= 0 && exponent < Self.count)
        return inverses[exponent]
    }

    /// The hash of units that all have the same term added to them.
    @inline(__always)
    func hash(_ units: UnsafePointer<UInt16>, count: Int, term: UInt32) -> HashPair {
        assert(count < Self.count)
        let firstPowers = firstDescending + (Self.count - count)
        let secondPowers = secondDescending + (Self.count - count)
        // Each product is below 2^47, so that the sums stay below 2^57 and need one reduction at the end.
        var first: UInt64 = 0
        var second: UInt64 = 0
        for index in 0..<count {
            let unit = UInt64(units[index])
            first &+= unit &* UInt64(firstPowers[index])
            second &+= unit &* UInt64(secondPowers[index])
        }
        let sum = HashPair(PolynomialHash.reduce(first), PolynomialHash.reduce(second))
        guard term != 0 else { return sum }
        return sums[count].times(HashPair(UInt64(term), UInt64(term)), plus: sum)
    }
}
