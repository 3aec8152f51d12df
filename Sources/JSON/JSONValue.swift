/// A JSON value as a tree: for attributes, embeds and messages that are off the hot path.
///
/// Numbers are binary64, as in ECMAScript. Strings are equal when their units are, not by Unicode equivalence.
public enum JSONValue: Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    /// What kind of value it is.
    public var kind: JSONKind {
        switch self {
        case .null: .null
        case .bool: .bool
        case .number: .number
        case .string: .string
        case .array: .array
        case .object: .object
        }
    }

    /// Reads one value that takes up all of the bytes.
    ///
    /// - Throws: ``JSONError`` with the place; nesting is bounded by `maximumDepth`.
    public init(utf8 bytes: [UInt8], maximumDepth: Int = JSONReader.defaultMaximumDepth) throws(JSONError) {
        self = try JSONReader.read(bytes, maximumDepth: maximumDepth) { (reader) throws(JSONError) in
            try reader.readValue()
        }
    }

    /// The value in canonical form (RFC 8785), in UTF-8.
    public var canonicalUTF8: [UInt8] {
        var writer = JSONWriter()
        writer.value(self)
        return writer.bytes
    }
}

extension JSONValue: Hashable {
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): JSONObject.isSame(left, right)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        switch self {
        case .null: break
        case .bool(let value): hasher.combine(value)
        case .number(let value): hasher.combine(value)
        case .string(let value): Self.hash(value, into: &hasher)
        case .array(let values): hasher.combine(values)
        case .object(let object): hasher.combine(object)
        }
    }

    static func hash(_ string: String, into hasher: inout Hasher) {
        var string = string
        string.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
        hasher.combine(0xFF as UInt8)
    }
}

extension JSONValue {
    /// The members, if it is an object.
    public var object: JSONObject? { if case .object(let object) = self { object } else { nil } }
    /// The elements, if it is an array.
    public var array: [JSONValue]? { if case .array(let array) = self { array } else { nil } }
    /// The string, if it is one.
    public var string: String? { if case .string(let string) = self { string } else { nil } }
    /// The number, if it is one.
    public var number: Double? { if case .number(let number) = self { number } else { nil } }
    /// The number, if it is an integer of at most 2^53 - 1 in absolute value.
    public var int: Int? {
        guard case .number(let number) = self else { return nil }
        return JSONNumberFormat.integer(number)
    }
    /// The truth value, if it is one.
    public var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
    /// Whether it is `null`.
    public var isNull: Bool { if case .null = self { true } else { false } }
    /// The value of a key, if it is an object that has it.
    public subscript(key: String) -> JSONValue? { object?[key] }
}

extension JSONValue: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByStringLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    public init(nilLiteral: ()) { self = .null }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int) { self = .number(Double(value)) }
    public init(floatLiteral value: Double) { self = .number(value) }
    public init(stringLiteral value: String) { self = .string(value) }
    public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements.map { JSONObject.Entry(key: $0.0, value: $0.1) }))
    }
}

extension JSONValue: CustomStringConvertible {
    /// The canonical form.
    public var description: String { String(decoding: canonicalUTF8, as: UTF8.self) }
}
