/// The parameters of one statement in PostgreSQL's binary format, `$1` first.
///
/// Encoded by the caller, so that the connection's thread only hands bytes on.
package struct Parameters: Sendable {
    /// Where one parameter lies in ``bytes``.
    struct Extent: Sendable {
        var type: UInt32
        var offset: Int
        /// -1: null.
        var length: Int
    }

    private(set) var bytes: [UInt8] = []
    private(set) var extents: [Extent] = []

    package init() {}

    /// How many bytes will be sent.
    package var byteCount: Int { bytes.count }

    package mutating func reserveCapacity(_ bytes: Int) { self.bytes.reserveCapacity(bytes) }

    /// Adds a null of the type.
    package mutating func null(_ type: PostgresType) {
        extents.append(Extent(type: type.rawValue, offset: bytes.count, length: -1))
    }

    package mutating func int8(_ value: Int64) { add(.int8) { $0.appendBigEndian(value) } }
    package mutating func int4(_ value: Int32) { add(.int4) { $0.appendBigEndian(value) } }
    package mutating func bool(_ value: Bool) { add(.bool) { $0.append(value ? 1 : 0) } }
    package mutating func text(_ value: String) { add(.text) { $0.append(contentsOf: value.utf8) } }
    /// Adds text that is UTF-8 already.
    package mutating func text(utf8 value: [UInt8]) { add(.text) { $0.append(contentsOf: value) } }
    /// Adds a UUID from its first and last 64 bits.
    package mutating func uuid(high: UInt64, low: UInt64) {
        add(.uuid) {
            $0.appendBigEndian(high)
            $0.appendBigEndian(low)
        }
    }

    /// Adds an array of `count` elements without nulls; `write` is called once per element and must add exactly one.
    package mutating func array(of type: PostgresType, count: Int, _ write: (inout ArrayWriter, Int) -> Void) {
        let start = bytes.count
        bytes.appendBigEndian(Int32(count == 0 ? 0 : 1))
        bytes.appendBigEndian(Int32(0))
        bytes.appendBigEndian(type.rawValue)
        if count > 0 {
            bytes.appendBigEndian(Int32(count))
            bytes.appendBigEndian(Int32(1))
        }
        var writer = ArrayWriter(bytes: bytes)
        bytes = []
        for index in 0..<count { write(&writer, index) }
        bytes = writer.bytes
        extents.append(Extent(type: type.arrayIdentifier, offset: start, length: bytes.count - start))
    }

    private mutating func add(_ type: PostgresType, _ write: (inout [UInt8]) -> Void) {
        let start = bytes.count
        write(&bytes)
        extents.append(Extent(type: type.rawValue, offset: start, length: bytes.count - start))
    }
}

/// Adds the elements of one array parameter.
package struct ArrayWriter {
    fileprivate var bytes: [UInt8]

    package mutating func int8(_ value: Int64) {
        bytes.appendBigEndian(Int32(8))
        bytes.appendBigEndian(value)
    }

    package mutating func text(_ value: String) {
        bytes.appendBigEndian(Int32(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }

    package mutating func uuid(high: UInt64, low: UInt64) {
        bytes.appendBigEndian(Int32(16))
        bytes.appendBigEndian(high)
        bytes.appendBigEndian(low)
    }

    /// Adds JSON text; the leading 1 is the version of jsonb's binary format (`jsonb_recv`).
    package mutating func jsonb(utf8 value: [UInt8]) {
        bytes.appendBigEndian(Int32(value.count + 1))
        bytes.append(1)
        bytes.append(contentsOf: value)
    }
}

extension [UInt8] {
    mutating func appendBigEndian(_ value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.bigEndian) { append(contentsOf: $0) }
    }
}
