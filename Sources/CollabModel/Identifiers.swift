/// Names a document.
public struct DocumentID: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let value: Identifier128
    public init(_ value: Identifier128) { self.value = value }
    /// Reads the UUID text form; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        guard let value = Identifier128(text) else { return nil }
        self.value = value
    }
    public static func < (left: DocumentID, right: DocumentID) -> Bool { left.value < right.value }
    public var description: String { value.description }
}

/// Names one editor of one document across its connections (protocol.md, "Connecting").
public struct ClientID: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let value: Identifier128
    public init(_ value: Identifier128) { self.value = value }
    /// Reads the UUID text form; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        guard let value = Identifier128(text) else { return nil }
        self.value = value
    }
    public static func < (left: ClientID, right: ClientID) -> Bool { left.value < right.value }
    public var description: String { value.description }
}

/// Names one submission of a client; unique per client, chosen by the client.
public struct OperationID: Hashable, Sendable, CustomStringConvertible {
    public let text: String
    /// The longest operation id that is accepted, in UTF-8 bytes.
    public static let maximumBytes = 100
    /// Makes an id from 1 to ``maximumBytes`` UTF-8 bytes without U+0000; `nil` otherwise.
    public init?(_ text: String) {
        let count = text.utf8.count
        guard count >= 1, count <= Self.maximumBytes, !text.utf8.contains(0) else { return nil }
        self.text = text
    }
    public var description: String { text }
}

/// Names a user; opaque to the cluster.
public struct UserID: Hashable, Sendable, CustomStringConvertible {
    public let text: String
    /// The longest user id that is accepted, in characters (protocol.md, "Connecting").
    public static let maximumCharacters = 100
    /// Makes an id from 1 to ``maximumCharacters`` characters without U+0000; `nil` otherwise.
    public init?(_ text: String) {
        guard !text.isEmpty, text.utf8.count <= 4 * Self.maximumCharacters, text.count <= Self.maximumCharacters,
            !text.utf8.contains(0)
        else { return nil }
        self.text = text
    }
    public var description: String { text }
}

/// Names a node of the cluster across restarts.
public struct NodeID: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let text: String
    /// Makes an id from 1 to 63 letters, digits, `-`, `_` or `.`; `nil` otherwise.
    public init?(_ text: String) {
        let count = text.utf8.count
        guard count >= 1, count <= 63, text.utf8.allSatisfy(Self.allows) else { return nil }
        self.text = text
    }
    public static func < (left: NodeID, right: NodeID) -> Bool { left.text < right.text }
    public var description: String { text }

    private static func allows(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}

/// Names one life of a node's process. Chosen at random at start; fits a signed 64-bit column.
public struct Incarnation: Hashable, Sendable, CustomStringConvertible {
    public let value: Int64
    public init(_ value: Int64) { self.value = value }
    /// Draws a positive incarnation.
    public static func random(using generator: inout some RandomNumberGenerator) -> Incarnation {
        Incarnation(Int64(truncatingIfNeeded: generator.next() >> 1) | 1)
    }
    public var description: String { String(value) }
}
