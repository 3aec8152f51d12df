package import CollabModel
package import Delta

/// Reads what ``PeerWriter`` wrote. Every read is checked against the end of the frame, every count against the bytes
/// that are left: malformed input costs an error, and memory in proportion to its own length.
///
/// Holds a pointer that is valid inside the call that made it; never kept.
package struct PeerReader: ~Copyable {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    package init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// How many bytes are left.
    package var remaining: Int { bytes.count - position }

    package mutating func byte() throws(PeerCodecError) -> UInt8 {
        guard position < bytes.count else { throw .truncated }
        defer { position += 1 }
        return bytes[position]
    }

    package mutating func bool() throws(PeerCodecError) -> Bool {
        switch try byte() {
        case 0: false
        case 1: true
        default: throw .invalid("a truth value")
        }
    }

    package mutating func unsigned() throws(PeerCodecError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let next = try byte()
            // The tenth byte holds the last bit; a zero byte at the end would be a second form of the same number.
            guard shift < 63 || next <= 1, next != 0 || shift == 0 else { throw .invalid("an integer") }
            value |= UInt64(next & 0x7F) << shift
            if next < 0x80 { return value }
            shift += 7
        }
    }

    package mutating func signed() throws(PeerCodecError) -> Int64 {
        let value = try unsigned()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    package mutating func integer() throws(PeerCodecError) -> Int {
        guard let value = Int(exactly: try signed()) else { throw .invalid("an integer") }
        return value
    }

    package mutating func fixed32() throws(PeerCodecError) -> UInt32 {
        guard remaining >= 4 else { throw .truncated }
        defer { position += 4 }
        return UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt32.self))
    }

    package mutating func fixed64() throws(PeerCodecError) -> UInt64 {
        guard remaining >= 8 else { throw .truncated }
        defer { position += 8 }
        return UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }

    private mutating func slice() throws(PeerCodecError) -> UnsafeRawBufferPointer {
        let count = try unsigned()
        guard count <= UInt64(remaining) else { throw .truncated }
        defer { position += Int(count) }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + Int(count)])
    }

    package mutating func raw() throws(PeerCodecError) -> [UInt8] { [UInt8](try slice()) }

    package mutating func string() throws(PeerCodecError) -> String {
        let utf8 = try slice()
        guard utf8.count <= PeerWriter.maximumStringBytes, let value = String(validating: utf8, as: UTF8.self) else {
            throw .invalid("a string")
        }
        return value
    }

    package mutating func optional<Value>(
        _ read: (inout PeerReader) throws(PeerCodecError) -> Value
    ) throws(PeerCodecError) -> Value? {
        try bool() ? try read(&self) : nil
    }

    /// Reads an array whose elements take at least `minimumBytes` each, so that a count cannot ask for more memory than
    /// the frame has bytes for.
    package mutating func array<Value>(
        minimumBytes: Int, _ read: (inout PeerReader) throws(PeerCodecError) -> Value
    ) throws(PeerCodecError) -> [Value] {
        let count = try unsigned()
        guard count <= UInt64(remaining / minimumBytes) else { throw .truncated }
        var values: [Value] = []
        values.reserveCapacity(Int(count))
        for _ in 0..<count { values.append(try read(&self)) }
        return values
    }
}

extension PeerReader {
    package mutating func identifier() throws(PeerCodecError) -> Identifier128 {
        Identifier128(high: try fixed64(), low: try fixed64())
    }

    package mutating func document() throws(PeerCodecError) -> DocumentID { DocumentID(try identifier()) }
    package mutating func client() throws(PeerCodecError) -> ClientID { ClientID(try identifier()) }
    package mutating func version() throws(PeerCodecError) -> Version { Version(try signed()) }
    package mutating func epoch() throws(PeerCodecError) -> Epoch { Epoch(try signed()) }
    package mutating func connection() throws(PeerCodecError) -> ConnectionNumber { ConnectionNumber(try unsigned()) }

    package mutating func operation() throws(PeerCodecError) -> OperationID {
        guard let value = OperationID(try string()) else { throw .invalid("an operation id") }
        return value
    }

    package mutating func user() throws(PeerCodecError) -> UserID {
        guard let value = UserID(try string()) else { throw .invalid("a user id") }
        return value
    }

    package mutating func node() throws(PeerCodecError) -> NodeID {
        guard let value = NodeID(try string()) else { throw .invalid("a node id") }
        return value
    }

    package mutating func digest() throws(PeerCodecError) -> Digest {
        Digest(rawValue: try fixed64())
    }

    package mutating func permission() throws(PeerCodecError) -> Permission {
        guard let value = Permission(rawValue: try byte()) else { throw .invalid("a permission") }
        return value
    }

    package mutating func code() throws(PeerCodecError) -> ErrorCode {
        guard let value = ErrorCode(rawValue: try string()) else { throw .invalid("an error code") }
        return value
    }

    package mutating func identity() throws(PeerCodecError) -> NodeIdentity {
        NodeIdentity(node: try node(), incarnation: Incarnation(try signed()))
    }

    package mutating func address() throws(PeerCodecError) -> PeerAddress {
        let host = try string()
        let port = try integer()
        guard (0...65_535).contains(port) else { throw .invalid("a port") }
        return PeerAddress(host: host, port: port)
    }

    package mutating func record() throws(PeerCodecError) -> NodeRecord {
        let identity = try identity()
        return NodeRecord(
            id: identity.node, incarnation: identity.incarnation, peerAddress: try address(), publicURL: try string(),
            capacity: try integer(), isDraining: try bool(), ownedDocuments: try integer(), sessions: try integer())
    }

    package mutating func profile() throws(PeerCodecError) -> ClientProfile {
        ClientProfile(userID: try user(), name: try string(), color: try string())
    }

    package mutating func presence() throws(PeerCodecError) -> Presence {
        let cursor = try optional { (reader) throws(PeerCodecError) in try reader.integer() }
        let selection = try optional { (reader) throws(PeerCodecError) in
            SelectionRange(index: try reader.integer(), length: try reader.integer())
        }
        return Presence(cursor: cursor, selection: selection)
    }

    /// Reads a delta from its JSON bytes, which are returned as they are beside it.
    package mutating func delta() throws(PeerCodecError) -> (delta: Delta, encoded: [UInt8]) {
        let encoded = try raw()
        do {
            return (try Delta(jsonUTF8: encoded), encoded)
        } catch {
            throw .invalid("a delta")
        }
    }
}
