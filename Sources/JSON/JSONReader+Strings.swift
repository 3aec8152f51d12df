extension JSONReader {
    /// The place of a string's contents, between its quotation marks.
    struct StringToken {
        var start: Int
        var end: Int
        var hasEscapes: Bool
        var isASCII: Bool
    }

    /// Reads a string.
    public mutating func readString() throws(JSONError) -> String {
        let token = try stringValue()
        guard token.hasEscapes else { return String(decoding: bytes(of: token), as: UTF8.self) }
        return String(decoding: JSONStringDecoder.utf8(bytes(of: token)), as: UTF8.self)
    }

    /// Reads a string and appends its UTF-16 units; returns how many.
    @discardableResult
    public mutating func readUTF16(into units: inout [UInt16]) throws(JSONError) -> Int {
        let token = try stringValue()
        let before = units.count
        if token.isASCII && !token.hasEscapes {
            units.append(contentsOf: bytes(of: token).lazy.map { UInt16($0) })
        } else {
            JSONStringDecoder.appendUTF16(bytes(of: token), to: &units)
        }
        return units.count - before
    }

    /// Reads a string and says whether it is the literal; makes no `String` where it has no escapes.
    public mutating func readString(is literal: StaticString) throws(JSONError) -> Bool {
        try readStringKey() == literal
    }

    /// Reads a string to be matched by `switch` like a key; valid as long as the reader's bytes are.
    public mutating func readStringKey() throws(JSONError) -> JSONKey {
        let token = try stringValue()
        return JSONKey(bytes: bytes(of: token), hasEscapes: token.hasEscapes)
    }

    mutating func stringValue() throws(JSONError) -> StringToken {
        guard try nextByte() == UInt8(ascii: "\"") else { throw try mismatch(.string) }
        let token = try scanString()
        needsComma = true
        return token
    }

    func bytes(of token: StringToken) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: base + token.start, count: token.end - token.start)
    }

    /// Scans the string at whose quotation mark the reader stands, checks all of it, and stands behind it.
    mutating func scanString() throws(JSONError) -> StringToken {
        var index = offset + 1
        var token = StringToken(start: index, end: index, hasEscapes: false, isASCII: true)
        while true {
            index = skipPlain(from: index)
            guard index < count else { throw JSONError(.unexpectedEnd, at: count) }
            switch base[index] {
            case UInt8(ascii: "\""):
                token.end = index
                offset = index + 1
                return token
            case UInt8(ascii: "\\"):
                token.hasEscapes = true
                index = try scanEscape(at: index)
            case 0x80...:
                token.isASCII = false
                index = try scanMultibyte(at: index)
            case ..<0x20:
                throw JSONError(.controlCharacter, at: index)
            default:
                index += 1
            }
        }
    }

    /// The first place from `index` on where eight bytes are not all ASCII that stands for itself, or near the end.
    private func skipPlain(from index: Int) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var index = index
        while index + 8 <= count {
            let word = UnsafeRawPointer(base + index).loadUnaligned(as: UInt64.self)
            let quotes = word ^ (ones &* 0x22)
            let backslashes = word ^ (ones &* 0x5C)
            // The usual "has a zero byte / has a byte less than n" tricks; a false alarm only ends the fast loop early.
            let special =
                ((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)
                | ((word &- (ones &* 0x20)) & ~word) | word
            guard special & highs == 0 else { return index }
            index += 8
        }
        return index
    }

    private func scanEscape(at index: Int) throws(JSONError) -> Int {
        guard index + 1 < count else { throw JSONError(.unexpectedEnd, at: count) }
        switch base[index + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return index + 2
        case UInt8(ascii: "u"):
            let unit = try hexadecimal(at: index + 2)
            if unit & 0xFC00 == 0xDC00 { throw JSONError(.loneSurrogate, at: index) }
            guard unit & 0xFC00 == 0xD800 else { return index + 6 }
            guard index + 7 < count, base[index + 6] == UInt8(ascii: "\\"), base[index + 7] == UInt8(ascii: "u"),
                try hexadecimal(at: index + 8) & 0xFC00 == 0xDC00
            else { throw JSONError(.loneSurrogate, at: index) }
            return index + 12
        default:
            throw JSONError(.invalidEscape, at: index)
        }
    }

    private func hexadecimal(at index: Int) throws(JSONError) -> UInt16 {
        guard index + 4 <= count else { throw JSONError(.unexpectedEnd, at: count) }
        var unit: UInt16 = 0
        for position in index..<index + 4 {
            guard let digit = JSONStringDecoder.nibble(base[position]) else {
                throw JSONError(.invalidEscape, at: position)
            }
            unit = unit << 4 | digit
        }
        return unit
    }

    /// Checks one sequence of two to four bytes (The Unicode Standard, table 3-7, well-formed UTF-8).
    private func scanMultibyte(at index: Int) throws(JSONError) -> Int {
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch base[index] {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: throw JSONError(.invalidUTF8, at: index)
        }
        guard index + length <= count, second.contains(base[index + 1]) else {
            throw JSONError(.invalidUTF8, at: index)
        }
        for position in index + 2..<max(index + length, index + 2) where base[position] & 0xC0 != 0x80 {
            throw JSONError(.invalidUTF8, at: index)
        }
        return index + length
    }
}
