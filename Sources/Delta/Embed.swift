public import JSON

/// An object in a document that is not text (an image, a formula): one position long.
public struct Embed: Sendable {
    final class Box: Sendable {
        let value: JSONValue
        /// The number of the embed (protocol.md, `digest`).
        let digestTerm: UInt32
        /// The length of the canonical JSON in bytes.
        let encodedCount: Int
        /// Whether a name or a value holds U+0000, which no document may.
        let holdsNUL: Bool

        init(_ value: JSONValue) {
            self.value = value
            let canonical = value.canonicalUTF8
            digestTerm = 65_536 + FNV1a.hash32(canonical) & 0xF_FFFF
            encodedCount = canonical.count
            holdsNUL = canonical.holdsEscapedNUL
        }
    }

    let box: Box

    /// Makes an embed of a JSON object.
    public init(_ object: JSONObject) { box = Box(.object(object)) }

    /// The embed as JSON: an object.
    public var value: JSONValue { box.value }

    /// The unit that stands for an embed where a document is given as plain text: U+FFFC, object replacement character.
    public static let placeholder: UInt16 = 0xFFFC
}

extension Embed: Hashable {
    public static func == (left: Embed, right: Embed) -> Bool {
        left.box === right.box || left.box.digestTerm == right.box.digestTerm && left.box.value == right.box.value
    }
    public func hash(into hasher: inout Hasher) { hasher.combine(box.value) }
}

extension Embed: CustomStringConvertible {
    public var description: String { value.description }
}
