import CollabModel
import Delta
import JSON

extension JSONWriter {
    /// Writes the text form of an identifier, without making a `String`.
    mutating func identifier(_ identifier: Identifier128) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 38) { buffer in
            buffer[0] = UInt8(ascii: "\"")
            var position = 1
            for index in 0..<32 {
                if index == 8 || index == 12 || index == 16 || index == 20 {
                    buffer[position] = UInt8(ascii: "-")
                    position += 1
                }
                let word = index < 16 ? identifier.high : identifier.low
                buffer[position] = Self.hexadecimal(word >> UInt64(60 - 4 * (index & 15)))
                position += 1
            }
            buffer[position] = UInt8(ascii: "\"")
            raw(UnsafeBufferPointer(buffer))
        }
    }

    /// Writes a digest as 16 hexadecimal digits.
    mutating func digest(_ digest: Digest) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 18) { buffer in
            buffer[0] = UInt8(ascii: "\"")
            for index in 0..<16 {
                buffer[index + 1] = Self.hexadecimal(digest.rawValue >> UInt64(60 - 4 * index))
            }
            buffer[17] = UInt8(ascii: "\"")
            raw(UnsafeBufferPointer(buffer))
        }
    }

    /// Writes a selection as `{index, length}`, or `null`.
    mutating func selection(_ range: SelectionRange?) {
        guard let range else { return null() }
        beginObject()
        key("index")
        int(range.index)
        key("length")
        int(range.length)
        endObject()
    }

    /// Writes a position, or `null`.
    mutating func position(_ position: Int?) {
        if let position { int(position) } else { null() }
    }

    private static func hexadecimal(_ nibble: UInt64) -> UInt8 {
        let nibble = UInt8(truncatingIfNeeded: nibble & 15)
        return nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") - 10 + nibble
    }
}
