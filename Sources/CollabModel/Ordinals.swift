/// A document's revision: 0 when created, one more for every accepted operation, without gaps (guarantee G4).
public struct Version: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let value: Int64
    public init(_ value: Int64) { self.value = value }
    /// The version of a document that nobody has edited.
    public static let initial = Version(0)
    /// The version after this one.
    public var next: Version { Version(value + 1) }
    /// The version before this one.
    public var previous: Version { Version(value - 1) }
    /// The version `count` operations later.
    public func advanced(by count: Int) -> Version { Version(value + Int64(count)) }
    /// How many operations lie between this version and `other`.
    public func distance(to other: Version) -> Int { Int(other.value - value) }
    public static func < (left: Version, right: Version) -> Bool { left.value < right.value }
    public var description: String { String(value) }
}

/// A fencing token: raised by one at every change of a document's owner, checked inside every append (guarantee G5).
public struct Epoch: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let value: Int64
    public init(_ value: Int64) { self.value = value }
    /// The epoch of a document that nobody has owned yet.
    public static let none = Epoch(0)
    /// The epoch that the successor of an owner of this epoch raises.
    public var next: Epoch { Epoch(value + 1) }
    public static func < (left: Epoch, right: Epoch) -> Bool { left.value < right.value }
    public var description: String { String(value) }
}

/// Numbers the connections of all clients at the owners of a document; later connections have higher numbers, also
/// across owners, because the epoch is its upper half.
public struct ConnectionNumber: Hashable, Sendable, Comparable, CustomStringConvertible {
    public let value: UInt64
    public init(_ value: UInt64) { self.value = value }
    /// The `ordinal`-th connection that the owner of `epoch` has numbered; ordinals start at 1.
    public init(epoch: Epoch, ordinal: UInt32) { self.value = UInt64(epoch.value) << 32 | UInt64(ordinal) }
    public static func < (left: ConnectionNumber, right: ConnectionNumber) -> Bool { left.value < right.value }
    public var description: String { String(value) }
}

/// Where a connection stands among those of its client, as the client itself says when it opens one: the later one has
/// the higher order. So no node takes an older connection for a newer one, whichever it hears of first (the query
/// parameter `connection`; up to 2^53 - 1, as far as JavaScript counts exactly).
public struct ConnectionOrder: Hashable, Sendable, Comparable, CustomStringConvertible {
    public static let maximum = ConnectionOrder(1 << 53 - 1)
    public let value: UInt64
    public init(_ value: UInt64) { self.value = value }
    /// Reads decimal digits; `nil` when it is no number or above ``maximum``.
    public init?(_ text: String) {
        guard text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }), let value = UInt64(text),
            value <= Self.maximum.value
        else { return nil }
        self.value = value
    }
    /// The order of the client's next connection.
    public var next: ConnectionOrder { ConnectionOrder(value + 1) }
    public static func < (left: ConnectionOrder, right: ConnectionOrder) -> Bool { left.value < right.value }
    public var description: String { String(value) }
}
