/// A hash of a document's content: what two copies of a version compare (protocol.md, `digest`; guarantee G6).
///
/// Two polynomial hashes modulo 2^31 - 1, with the bases 131 and 65,599, over the numbers of the units in order.
public struct Digest: Hashable, Sendable {
    /// The first hash in the high 32 bits, the second in the low ones.
    public let rawValue: UInt64

    /// Makes a digest of its 64 bits.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    init(_ hash: HashPair) { rawValue = hash.first << 32 | hash.second }

    /// Reads 16 hexadecimal digits, in either case.
    public init?(_ hexadecimal: some StringProtocol) {
        var value: UInt64 = 0
        var count = 0
        for byte in hexadecimal.utf8 {
            let nibble: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): nibble = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): nibble = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): nibble = byte - UInt8(ascii: "A") + 10
            default: return nil
            }
            value = value << 4 | UInt64(nibble)
            count += 1
            guard count <= 16 else { return nil }
        }
        guard count == 16 else { return nil }
        rawValue = value
    }

    /// The digest of a document in one pass over its inserts; other steps are passed over.
    public init(of document: Delta) {
        var first: UInt64 = 0
        var second: UInt64 = 0
        func add(_ number: UInt64) {
            first = PolynomialHash.multiplyAdd(first, PolynomialHash.bases.0, number)
            second = PolynomialHash.multiplyAdd(second, PolynomialHash.bases.1, number)
        }
        for op in document.ops {
            switch op {
            case .insert(let text, let attributes):
                let term = UInt64(attributes.digestTerm)
                text.withUnits { for unit in $0 { add(UInt64(unit) + term) } }
            case .embed(let embed, let attributes):
                add(UInt64(embed.box.digestTerm) + UInt64(attributes.digestTerm))
            case .retain, .retainEmbed, .delete:
                break
            }
        }
        rawValue = first << 32 | second
    }

    /// The 16 lower-case hexadecimal digits in ASCII.
    public var hexadecimalUTF8: [UInt8] {
        var result = [UInt8]()
        result.reserveCapacity(16)
        for shift in stride(from: 60 as UInt64, through: 0, by: -4) {
            let nibble = UInt8(truncatingIfNeeded: rawValue >> shift & 0xF)
            result.append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
        }
        return result
    }
}

extension Digest: CustomStringConvertible {
    /// The 16 lower-case hexadecimal digits.
    public var description: String { String(decoding: hexadecimalUTF8, as: UTF8.self) }
}
