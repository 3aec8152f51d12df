/// Writes strings with the escapes of RFC 8785, section 3.2.2.2.
enum JSONStringEncoder {
    /// Appends UTF-8, quoted.
    static func append(_ utf8: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var start = 0
        for index in utf8.indices where needsEscape(UInt16(utf8[index])) {
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start..<index]))
            appendEscape(UInt16(utf8[index]), to: &bytes)
            start = index + 1
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start...]))
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends UTF-16 units as UTF-8, quoted.
    static func append(_ units: UnsafeBufferPointer<UInt16>, to bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + units.count + 2)
        bytes.append(UInt8(ascii: "\""))
        var index = 0
        while index < units.count {
            let unit = units[index]
            index += 1
            switch unit {
            case _ where needsEscape(unit):
                appendEscape(unit, to: &bytes)
            case ..<0x80:
                bytes.append(UInt8(truncatingIfNeeded: unit))
            case ..<0x800:
                bytes.append(0xC0 | UInt8(truncatingIfNeeded: unit >> 6))
                bytes.append(0x80 | UInt8(truncatingIfNeeded: unit & 0x3F))
            case 0xD800..<0xDC00 where index < units.count && units[index] & 0xFC00 == 0xDC00:
                let scalar = 0x10000 + UInt32(unit & 0x3FF) << 10 + UInt32(units[index] & 0x3FF)
                index += 1
                bytes.append(0xF0 | UInt8(truncatingIfNeeded: scalar >> 18))
                bytes.append(0x80 | UInt8(truncatingIfNeeded: scalar >> 12 & 0x3F))
                bytes.append(0x80 | UInt8(truncatingIfNeeded: scalar >> 6 & 0x3F))
                bytes.append(0x80 | UInt8(truncatingIfNeeded: scalar & 0x3F))
            case 0xD800..<0xE000:
                appendHexadecimal(unit, to: &bytes)
            default:
                bytes.append(0xE0 | UInt8(truncatingIfNeeded: unit >> 12))
                bytes.append(0x80 | UInt8(truncatingIfNeeded: unit >> 6 & 0x3F))
                bytes.append(0x80 | UInt8(truncatingIfNeeded: unit & 0x3F))
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ unit: UInt16) -> Bool { unit < 0x20 || unit == 0x22 || unit == 0x5C }

    private static func appendEscape(_ unit: UInt16, to bytes: inout [UInt8]) {
        let letter: UInt8
        switch unit {
        case 0x08: letter = UInt8(ascii: "b")
        case 0x09: letter = UInt8(ascii: "t")
        case 0x0A: letter = UInt8(ascii: "n")
        case 0x0C: letter = UInt8(ascii: "f")
        case 0x0D: letter = UInt8(ascii: "r")
        case 0x22, 0x5C: letter = UInt8(truncatingIfNeeded: unit)
        default: return appendHexadecimal(unit, to: &bytes)
        }
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(letter)
    }

    private static func appendHexadecimal(_ unit: UInt16, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(UInt8(ascii: "u"))
        for shift in [12, 8, 4, 0] as [UInt16] {
            let nibble = UInt8(truncatingIfNeeded: unit >> shift & 0xF)
            bytes.append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
        }
    }
}
