/// Decodes the contents of strings that a reader has scanned and found well-formed.
enum JSONStringDecoder {
    static func nibble(_ byte: UInt8) -> UInt16? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt16(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt16(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt16(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    private static func unit(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int) -> UInt16 {
        var unit: UInt16 = 0
        for position in index..<index + 4 { unit = unit << 4 | (nibble(bytes[position]) ?? 0) }
        return unit
    }

    private static func escaped(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "b"): 0x08
        case UInt8(ascii: "f"): 0x0C
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: byte
        }
    }

    /// The contents with their escapes resolved, in UTF-8.
    static func utf8(_ bytes: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        var result = [UInt8]()
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "\\") else {
                result.append(bytes[index])
                index += 1
                continue
            }
            guard bytes[index + 1] == UInt8(ascii: "u") else {
                result.append(escaped(bytes[index + 1]))
                index += 2
                continue
            }
            var scalar = UInt32(unit(bytes, at: index + 2))
            index += 6
            if scalar & 0xFC00 == 0xD800 {
                scalar = 0x10000 + (scalar & 0x3FF) << 10 + UInt32(unit(bytes, at: index + 2)) & 0x3FF
                index += 6
            }
            if let scalar = Unicode.Scalar(scalar), let encoded = UTF8.encode(scalar) {
                result.append(contentsOf: encoded)
            }
        }
        return result
    }

    /// Appends the contents with their escapes resolved, as UTF-16 units.
    static func appendUTF16(_ bytes: UnsafeBufferPointer<UInt8>, to units: inout [UInt16]) {
        var index = 0
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "\\"):
                if bytes[index + 1] == UInt8(ascii: "u") {
                    units.append(unit(bytes, at: index + 2))
                    index += 6
                } else {
                    units.append(UInt16(escaped(bytes[index + 1])))
                    index += 2
                }
            case 0xF0...:
                let scalar =
                    UInt32(byte & 0x07) << 18 | UInt32(bytes[index + 1] & 0x3F) << 12
                    | UInt32(bytes[index + 2] & 0x3F) << 6 | UInt32(bytes[index + 3] & 0x3F)
                units.append(UInt16(truncatingIfNeeded: 0xD7C0 + scalar >> 10))
                units.append(UInt16(truncatingIfNeeded: 0xDC00 | scalar & 0x3FF))
                index += 4
            case 0xE0...:
                units.append(
                    UInt16(byte & 0x0F) << 12 | UInt16(bytes[index + 1] & 0x3F) << 6 | UInt16(bytes[index + 2] & 0x3F))
                index += 3
            case 0x80...:
                units.append(UInt16(byte & 0x1F) << 6 | UInt16(bytes[index + 1] & 0x3F))
                index += 2
            default:
                units.append(UInt16(byte))
                index += 1
            }
        }
    }
}
