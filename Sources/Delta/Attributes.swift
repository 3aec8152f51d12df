public import JSON

/// The attributes of a piece of a document or of an operation: names to JSON values; `null` in a format removes.
///
/// Immutable and shared: a document's runs refer to few distinct sets. No attributes is the cheap, common case.
public struct Attributes: Sendable {
    /// What is computed once per set.
    final class Box: Sendable {
        let object: JSONObject
        /// What the attributes add to the number of each unit that has them (protocol.md, `digest`).
        let digestTerm: UInt32
        /// The length of the canonical JSON in bytes.
        let encodedCount: Int
        /// Whether a name or a value holds U+0000, which no document may.
        let holdsNUL: Bool

        init(_ object: JSONObject) {
            self.object = object
            let canonical = JSONValue.object(object).canonicalUTF8
            digestTerm = (FNV1a.hash32(canonical) & 0x1FF) &<< 21
            encodedCount = canonical.count
            holdsNUL = canonical.holdsEscapedNUL
        }
    }

    let box: Box?

    /// Makes a set of attributes.
    public init(_ object: JSONObject = JSONObject()) { box = object.isEmpty ? nil : Box(object) }

    /// No attributes.
    public static let none = Attributes()

    /// Whether there are none.
    public var isEmpty: Bool { box == nil }
    /// The attributes as a JSON object.
    public var object: JSONObject { box?.object ?? JSONObject() }
    /// The value of a name.
    public subscript(name: String) -> JSONValue? { box?.object[name] }

    var digestTerm: UInt32 { box?.digestTerm ?? 0 }
    var encodedCount: Int { box?.encodedCount ?? 0 }
    var holdsNUL: Bool { box?.holdsNUL ?? false }
}

extension Attributes: Hashable {
    public static func == (left: Attributes, right: Attributes) -> Bool {
        if left.box === right.box { return true }
        guard let left = left.box, let right = right.box else { return false }
        return left.digestTerm == right.digestTerm && left.object == right.object
    }
    public func hash(into hasher: inout Hasher) { hasher.combine(object) }
}

extension Attributes: ExpressibleByDictionaryLiteral, CustomStringConvertible {
    public init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(JSONObject(elements.map { JSONObject.Entry(key: $0.0, value: $0.1) }))
    }
    public var description: String { JSONValue.object(object).description }
}
