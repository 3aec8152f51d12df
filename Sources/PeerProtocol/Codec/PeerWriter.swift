package import CollabModel
package import Delta

/// Appends values in the form of the peer protocol. Integers are LEB128, signed ones in zigzag order; strings and byte
/// arrays start with their length; optionals with a byte 0 or 1; a case with its tag.
package struct PeerWriter: ~Copyable {
    private var bytes: [UInt8] = []

    package init() {}

    /// The longest string that is written and accepted, in UTF-8 bytes. A longer one is cut: only reasons for people
    /// have no shorter bound of their own.
    package static let maximumStringBytes = 64 << 10

    package mutating func beginFrame(_ kind: UInt8) {
        bytes.reserveCapacity(128)
        bytes.append(contentsOf: [0, 0, 0, 0, PeerFrame.formatVersion, kind])
    }

    package consuming func endFrame() -> [UInt8] {
        let length = UInt32(clamping: bytes.count - PeerFrame.lengthBytes)
        for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: length >> UInt32(24 - 8 * index)) }
        return bytes
    }

    package mutating func byte(_ value: UInt8) { bytes.append(value) }
    package mutating func bool(_ value: Bool) { bytes.append(value ? 1 : 0) }

    package mutating func unsigned(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    package mutating func signed(_ value: Int64) {
        unsigned(UInt64(bitPattern: value) << 1 ^ UInt64(bitPattern: value >> 63))
    }

    package mutating func integer(_ value: Int) { signed(Int64(value)) }

    package mutating func fixed64(_ value: UInt64) {
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    package mutating func raw(_ value: [UInt8]) {
        unsigned(UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    package mutating func string(_ value: String) {
        let utf8 = value.utf8
        guard utf8.count > Self.maximumStringBytes else {
            unsigned(UInt64(utf8.count))
            bytes.append(contentsOf: utf8)
            return
        }
        var end = utf8.index(utf8.startIndex, offsetBy: Self.maximumStringBytes)
        while end > utf8.startIndex, utf8[end] & 0xC0 == 0x80 { utf8.formIndex(before: &end) }
        string(String(value[..<end]))
    }

    package mutating func optional<Value>(_ value: Value?, _ write: (inout PeerWriter, Value) -> Void) {
        bool(value != nil)
        if let value { write(&self, value) }
    }

    package mutating func array<Value>(_ values: [Value], _ write: (inout PeerWriter, Value) -> Void) {
        unsigned(UInt64(values.count))
        for value in values { write(&self, value) }
    }
}

extension PeerWriter {
    package mutating func identifier(_ value: Identifier128) {
        fixed64(value.high)
        fixed64(value.low)
    }

    package mutating func document(_ value: DocumentID) { identifier(value.value) }
    package mutating func client(_ value: ClientID) { identifier(value.value) }
    package mutating func operation(_ value: OperationID) { string(value.text) }
    package mutating func user(_ value: UserID) { string(value.text) }
    package mutating func node(_ value: NodeID) { string(value.text) }
    package mutating func version(_ value: Version) { signed(value.value) }
    package mutating func epoch(_ value: Epoch) { signed(value.value) }
    package mutating func connection(_ value: ConnectionNumber) { unsigned(value.value) }
    package mutating func digest(_ value: Digest) { fixed64(value.rawValue) }
    package mutating func permission(_ value: Permission) { byte(value.rawValue) }
    package mutating func code(_ value: ErrorCode) { string(value.rawValue) }

    package mutating func identity(_ value: NodeIdentity) {
        node(value.node)
        signed(value.incarnation.value)
    }

    package mutating func address(_ value: PeerAddress) {
        string(value.host)
        integer(value.port)
    }

    package mutating func record(_ value: NodeRecord) {
        identity(value.identity)
        address(value.peerAddress)
        string(value.publicURL)
        integer(value.capacity)
        bool(value.isDraining)
        integer(value.ownedDocuments)
        integer(value.sessions)
    }

    package mutating func profile(_ value: ClientProfile) {
        user(value.userID)
        string(value.name)
        string(value.color)
    }

    package mutating func presence(_ value: Presence) {
        optional(value.cursor) { $0.integer($1) }
        optional(value.selection) {
            $0.integer($1.index)
            $0.integer($1.length)
        }
    }
}
