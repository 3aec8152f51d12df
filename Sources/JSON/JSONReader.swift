/// A pull parser over UTF-8 bytes.
///
/// The caller asks for what it expects, in the order of the text, and pays for nothing else: no tree, no `String` that
/// it did not ask for. Everything is checked on the way, also in what is skipped: grammar, UTF-8, escapes, surrogates,
/// and nesting up to ``maximumDepth``.
///
/// A reader borrows its bytes. ``read(_:maximumDepth:_:)-([UInt8],_,_)`` keeps them alive for a closure; with
/// ``init(_:maximumDepth:)`` that is the caller's duty.
public struct JSONReader {
    /// How deep arrays and objects may nest unless said otherwise.
    public static let defaultMaximumDepth = 64

    // Borrowed: the initialiser's contract is that the memory outlives the reader. Every access is below `count`.
    let base: UnsafePointer<UInt8>
    let count: Int
    /// Where the next byte is read, in bytes from the start.
    public internal(set) var offset = 0
    /// How many arrays and objects are open.
    public private(set) var depth = 0
    /// How deep arrays and objects may nest.
    public let maximumDepth: Int
    // A value has been read in the innermost open array or object, so that a comma must come before the next.
    var needsComma = false

    /// Starts at the first of these bytes, which must outlive the reader and every ``JSONKey`` that it hands out.
    public init(_ bytes: UnsafeBufferPointer<UInt8>, maximumDepth: Int = Self.defaultMaximumDepth) {
        // An empty buffer has no address; any non-null pointer does, since nothing is read through it.
        base = bytes.baseAddress ?? ("" as StaticString).utf8Start
        count = bytes.count
        self.maximumDepth = maximumDepth
    }

    /// Reads one value, and requires that nothing but white space follows it.
    public static func read<Result>(
        _ bytes: [UInt8], maximumDepth: Int = Self.defaultMaximumDepth,
        _ body: (inout JSONReader) throws(JSONError) -> Result
    ) throws(JSONError) -> Result {
        try bytes.withUnsafeBufferPointer { (buffer) throws(JSONError) in
            var reader = JSONReader(buffer, maximumDepth: maximumDepth)
            let result = try body(&reader)
            try reader.finish()
            return result
        }
    }

    /// Requires that nothing but white space is left.
    public mutating func finish() throws(JSONError) {
        skipWhitespace()
        guard offset == count else { throw JSONError(.trailingBytes, at: offset) }
    }

    /// What the next value is, without reading it.
    public mutating func peek() throws(JSONError) -> JSONKind {
        switch try nextByte() {
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        case let byte: throw JSONError(.unexpectedByte(byte), at: offset)
        }
    }

    // MARK: Objects and arrays

    /// Enters an object; its members follow through ``nextKey()``.
    public mutating func beginObject() throws(JSONError) { try open(UInt8(ascii: "{"), .object) }

    /// Enters an array; its elements follow through ``nextElement()``.
    public mutating func beginArray() throws(JSONError) { try open(UInt8(ascii: "["), .array) }

    /// The next key of the innermost object, whose value must be read or skipped next; `nil` leaves the object.
    ///
    /// A key that comes twice is given twice: what that means is for the caller to say.
    public mutating func nextKey() throws(JSONError) -> JSONKey? {
        guard try advance(before: UInt8(ascii: "}")) else { return nil }
        guard base[offset] == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte(base[offset]), at: offset) }
        let token = try scanString()
        let colon = try nextByte()
        guard colon == UInt8(ascii: ":") else { throw JSONError(.unexpectedByte(colon), at: offset) }
        offset += 1
        needsComma = false
        return JSONKey(bytes: bytes(of: token), hasEscapes: token.hasEscapes)
    }

    /// Whether the innermost array has another element, which must be read or skipped next; `false` leaves the array.
    public mutating func nextElement() throws(JSONError) -> Bool {
        guard try advance(before: UInt8(ascii: "]")) else { return false }
        guard base[offset] != UInt8(ascii: "]") else { throw JSONError(.unexpectedByte(base[offset]), at: offset) }
        needsComma = false
        return true
    }

    private mutating func open(_ bracket: UInt8, _ kind: JSONKind) throws(JSONError) {
        guard try nextByte() == bracket else { throw try mismatch(kind) }
        guard depth < maximumDepth else { throw JSONError(.tooDeep, at: offset) }
        depth += 1
        offset += 1
        needsComma = false
    }

    private mutating func advance(before bracket: UInt8) throws(JSONError) -> Bool {
        let byte = try nextByte()
        if byte == bracket {
            offset += 1
            depth -= 1
            needsComma = true
            return false
        }
        if needsComma {
            guard byte == UInt8(ascii: ",") else { throw JSONError(.unexpectedByte(byte), at: offset) }
            offset += 1
            _ = try nextByte()
        }
        return true
    }

    // MARK: Bytes

    /// The byte after white space, not consumed.
    mutating func nextByte() throws(JSONError) -> UInt8 {
        skipWhitespace()
        guard offset < count else { throw JSONError(.unexpectedEnd, at: offset) }
        return base[offset]
    }

    mutating func skipWhitespace() {
        while offset < count {
            let byte = base[offset]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            offset += 1
        }
    }

    mutating func mismatch(_ expected: JSONKind) throws(JSONError) -> JSONError {
        JSONError(.mismatch(expected: expected, found: try peek()), at: offset)
    }

    /// A copy of bytes that have been read, for example of ``skipValue()``'s result.
    public func bytes(in range: Range<Int>) -> [UInt8] {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "the range lies outside of the input")
        return Array(UnsafeBufferPointer(start: base + range.lowerBound, count: range.count))
    }
}
