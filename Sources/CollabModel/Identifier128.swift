/// A 128-bit identifier in the text form of RFC 9562 (UUID): 32 hexadecimal digits in groups of 8-4-4-4-12.
///
/// Foundation's `UUID` is not used because layers 0 and 1 import no Foundation.
public struct Identifier128: Hashable, Sendable, Comparable {
    /// The first 64 bits, in network order.
    public let high: UInt64
    /// The last 64 bits, in network order.
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads the 36-character text form, in either case; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        guard text.utf8.count == 36 else { return nil }
        var text = String(text)
        guard let value = text.withUTF8({ Identifier128(utf8: $0) }) else { return nil }
        self = value
    }

    /// Reads the text form from its 36 ASCII bytes.
    public init?(utf8 text: UnsafeBufferPointer<UInt8>) {
        guard text.count == 36 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        for position in 0..<36 {
            let byte = text[position]
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard let nibble = Self.nibble(byte) else { return nil }
            if position < 18 {
                words.0 = words.0 << 4 | UInt64(nibble)
            } else {
                words.1 = words.1 << 4 | UInt64(nibble)
            }
        }
        self.init(high: words.0, low: words.1)
    }

    /// Makes a version 4 (random) identifier from the given source of randomness.
    public static func random(using generator: inout some RandomNumberGenerator) -> Identifier128 {
        let high = generator.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x0000_0000_0000_4000
        let low = generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        return Identifier128(high: high, low: low)
    }

    public static func < (left: Identifier128, right: Identifier128) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    /// The 16 bytes in network order.
    public var bytes: [UInt8] {
        var result = [UInt8]()
        result.reserveCapacity(16)
        for shift in stride(from: 56, through: 0, by: -8) {
            result.append(UInt8(truncatingIfNeeded: high >> UInt64(shift)))
        }
        for shift in stride(from: 56, through: 0, by: -8) {
            result.append(UInt8(truncatingIfNeeded: low >> UInt64(shift)))
        }
        return result
    }

    /// The 36 ASCII bytes of the text form, in lower case.
    public var textUTF8: [UInt8] {
        var result = [UInt8]()
        result.reserveCapacity(36)
        for index in 0..<32 {
            if index == 8 || index == 12 || index == 16 || index == 20 { result.append(UInt8(ascii: "-")) }
            let word = index < 16 ? high : low
            let nibble = Int(truncatingIfNeeded: word >> UInt64(60 - 4 * (index & 15))) & 15
            result.append(Self.hexadecimal[nibble])
        }
        return result
    }

    private static let hexadecimal = Array("0123456789abcdef".utf8)

    private static func nibble(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}

extension Identifier128: CustomStringConvertible {
    public var description: String { String(decoding: textUTF8, as: UTF8.self) }
}
