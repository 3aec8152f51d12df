/// Why bytes are not the JSON that was asked for, and where.
public struct JSONError: Error, Hashable, Sendable {
    /// What is wrong.
    public enum Reason: Hashable, Sendable {
        /// The bytes end inside a value.
        case unexpectedEnd
        /// A byte that cannot stand here.
        case unexpectedByte(UInt8)
        /// Bytes follow the value.
        case trailingBytes
        /// Arrays and objects are nested deeper than the reader's bound.
        case tooDeep
        /// A string holds bytes that are not UTF-8.
        case invalidUTF8
        /// A backslash is followed by something that is no escape sequence.
        case invalidEscape
        /// A string holds an unescaped byte below 0x20.
        case controlCharacter
        /// A `\u` escape is one half of a surrogate pair without the other.
        case loneSurrogate
        /// A number does not follow the grammar.
        case invalidNumber
        /// A number is finite as written but not as a binary64 value.
        case numberOutOfRange
        /// A number was asked for as an integer and is none, or lies beyond 2^53 - 1.
        case notAnInteger
        /// Another kind of value was asked for than is there.
        case mismatch(expected: JSONKind, found: JSONKind)
    }

    /// What is wrong.
    public var reason: Reason
    /// Where, in bytes from the start of the input.
    public var offset: Int

    /// Makes an error for a place in the input.
    public init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

extension JSONError: CustomStringConvertible {
    public var description: String {
        let what =
            switch reason {
            case .unexpectedEnd: "unexpected end"
            case .unexpectedByte(let byte): "unexpected byte 0x\(String(byte, radix: 16))"
            case .trailingBytes: "bytes after the value"
            case .tooDeep: "nested too deep"
            case .invalidUTF8: "invalid UTF-8"
            case .invalidEscape: "invalid escape sequence"
            case .controlCharacter: "control character in a string"
            case .loneSurrogate: "lone surrogate"
            case .invalidNumber: "invalid number"
            case .numberOutOfRange: "number out of range"
            case .notAnInteger: "not an integer"
            case .mismatch(let expected, let found): "expected \(expected.rawValue), found \(found.rawValue)"
            }
        return "\(what) at byte \(offset)"
    }
}

/// The kinds of JSON values.
public enum JSONKind: String, Hashable, Sendable {
    case null, bool, number, string, array, object
}
