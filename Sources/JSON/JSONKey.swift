/// A key as it stands in the bytes that a reader reads; valid as long as these are.
///
/// Matched against literals without making a `String`:
/// ```swift
/// while let key = try reader.nextKey() {
///     switch key {
///     case "version": version = try reader.readInt()
///     default: try reader.skipValue()
///     }
/// }
/// ```
public struct JSONKey {
    let bytes: UnsafeBufferPointer<UInt8>
    let hasEscapes: Bool

    /// Whether the key is the literal. A key written with escapes is compared after decoding.
    public static func == (key: JSONKey, literal: StaticString) -> Bool {
        guard !key.hasEscapes else { return literal.withUTF8Buffer { key.string.utf8.elementsEqual($0) } }
        let count = literal.utf8CodeUnitCount
        guard key.bytes.count == count, literal.hasPointerRepresentation else { return false }
        let start = literal.utf8Start
        for index in 0..<count where key.bytes[index] != start[index] { return false }
        return true
    }

    /// Lets a key be matched by `switch`.
    public static func ~= (literal: StaticString, key: JSONKey) -> Bool { key == literal }

    /// The key.
    public var string: String {
        hasEscapes
            ? String(decoding: JSONStringDecoder.utf8(bytes), as: UTF8.self)
            : String(decoding: bytes, as: UTF8.self)
    }
}
