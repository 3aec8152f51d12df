extension JSONReader {
    /// Reads `true` or `false`.
    public mutating func readBool() throws(JSONError) -> Bool {
        switch try nextByte() {
        case UInt8(ascii: "t"):
            try expect("true")
            return true
        case UInt8(ascii: "f"):
            try expect("false")
            return false
        default:
            throw try mismatch(.bool)
        }
    }

    /// Reads `null`.
    public mutating func readNull() throws(JSONError) {
        guard try nextByte() == UInt8(ascii: "n") else { throw try mismatch(.null) }
        try expect("null")
    }

    /// Reads `null` if the next value is that, and says whether.
    public mutating func readNullIfPresent() throws(JSONError) -> Bool {
        guard try nextByte() == UInt8(ascii: "n") else { return false }
        try expect("null")
        return true
    }

    /// Reads a number.
    public mutating func readDouble() throws(JSONError) -> Double {
        let byte = try nextByte()
        guard byte == UInt8(ascii: "-") || Self.isDigit(byte) else { throw try mismatch(.number) }
        let start = offset
        let integer = try scanNumber()
        if let integer { return Double(integer) }
        let text = String(decoding: UnsafeBufferPointer(start: base + start, count: offset - start), as: UTF8.self)
        guard let value = Double(text) else { throw JSONError(.invalidNumber, at: start) }
        guard value.isFinite else { throw JSONError(.numberOutOfRange, at: start) }
        return value
    }

    /// Reads a number that is an integer of at most 2^53 - 1 in absolute value, however it is written.
    public mutating func readInt() throws(JSONError) -> Int {
        _ = try nextByte()
        let start = offset
        let value = try readDouble()
        guard let integer = JSONNumberFormat.integer(value) else {
            throw JSONError(.notAnInteger, at: start)
        }
        return integer
    }

    /// Reads any value as a tree. Of several members with one key the last counts, as in ECMAScript.
    public mutating func readValue() throws(JSONError) -> JSONValue {
        switch try peek() {
        case .null:
            try expect("null")
            return .null
        case .bool: return .bool(try readBool())
        case .number: return .number(try readDouble())
        case .string: return .string(try readString())
        case .array:
            var elements = [JSONValue]()
            try beginArray()
            while try nextElement() { elements.append(try readValue()) }
            return .array(elements)
        case .object: return .object(try readObject())
        }
    }

    /// Reads an object as a tree.
    public mutating func readObject() throws(JSONError) -> JSONObject {
        var entries = [JSONObject.Entry]()
        try beginObject()
        while let key = try nextKey() {
            let key = key.string
            entries.append(JSONObject.Entry(key: key, value: try readValue()))
        }
        return JSONObject(entries)
    }

    /// Checks any value without keeping it; returns where it stands, for ``bytes(in:)`` or a later reader.
    @discardableResult
    public mutating func skipValue() throws(JSONError) -> Range<Int> {
        let kind = try peek()
        let start = offset
        switch kind {
        case .null: try expect("null")
        case .bool: _ = try readBool()
        case .string: _ = try stringValue()
        case .number:
            _ = try scanNumber()
        case .array:
            try beginArray()
            while try nextElement() { try skipValue() }
        case .object:
            try beginObject()
            while try nextKey() != nil { try skipValue() }
        }
        return start..<offset
    }

    private mutating func expect(_ literal: StaticString) throws(JSONError) {
        let length = literal.utf8CodeUnitCount
        for index in 0..<length {
            guard offset + index < count else { throw JSONError(.unexpectedEnd, at: count) }
            guard base[offset + index] == literal.utf8Start[index] else {
                throw JSONError(.unexpectedByte(base[offset + index]), at: offset + index)
            }
        }
        offset += length
        needsComma = true
    }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    /// Scans the number at which the reader stands; its value if it is an integer of at most 15 digits.
    private mutating func scanNumber() throws(JSONError) -> Int? {
        let start = offset
        var index = offset
        let isNegative = base[index] == UInt8(ascii: "-")
        if isNegative { index += 1 }
        let firstDigit = index
        var value = 0
        while index < count, Self.isDigit(base[index]) {
            value = value &* 10 &+ Int(base[index] &- UInt8(ascii: "0"))
            index += 1
        }
        let digits = index - firstDigit
        guard digits > 0, digits == 1 || base[firstDigit] != UInt8(ascii: "0") else {
            throw JSONError(.invalidNumber, at: start)
        }
        var isInteger = digits <= 15
        if index < count, base[index] == UInt8(ascii: ".") {
            isInteger = false
            index = try scanDigits(from: index + 1, start: start)
        }
        if index < count, base[index] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            index += 1
            if index < count, base[index] == UInt8(ascii: "+") || base[index] == UInt8(ascii: "-") { index += 1 }
            index = try scanDigits(from: index, start: start)
        }
        offset = index
        needsComma = true
        // Minus zero is a number of its own.
        guard isInteger, !(isNegative && value == 0) else { return nil }
        return isNegative ? -value : value
    }

    private func scanDigits(from index: Int, start: Int) throws(JSONError) -> Int {
        var end = index
        while end < count, Self.isDigit(base[end]) { end += 1 }
        guard end > index else { throw JSONError(.invalidNumber, at: start) }
        return end
    }
}
