/// A value that travels between nodes as one frame:
///
/// | bytes | |
/// |---|---|
/// | 4 | how many bytes follow, network order |
/// | 1 | ``PeerFrame/formatVersion`` |
/// | 1 | kind |
/// | … | the value |
package protocol PeerFramed: Sendable {
    /// Unique among all frames.
    static var frameKind: UInt8 { get }
    func write(to writer: inout PeerWriter)
    init(from reader: inout PeerReader) throws(PeerCodecError)
}

/// The layout that all frames share.
package enum PeerFrame {
    package static let formatVersion: UInt8 = 1
    /// The bytes of the length that starts a frame.
    package static let lengthBytes = 4
    /// The most bytes that may follow the length: above the largest document, every unit of it escaped.
    package static let maximumBytes = 128 << 20

    /// How long a whole frame is, from the number that it starts with.
    package static func totalBytes(length: UInt32) throws(PeerCodecError) -> Int {
        guard length <= maximumBytes else { throw .tooLong(bytes: Int(length)) }
        guard length >= 2 else { throw .truncated }
        return lengthBytes + Int(length)
    }
}

extension PeerFramed {
    /// The whole frame.
    package var encodedFrame: [UInt8] {
        var writer = PeerWriter()
        writer.beginFrame(Self.frameKind)
        write(to: &writer)
        return writer.endFrame()
    }

    /// Reads a whole frame, with its length. Refuses anything else, and never traps.
    package init(frame: UnsafeRawBufferPointer) throws(PeerCodecError) {
        var reader = PeerReader(frame)
        let length = try reader.fixed32()
        guard try PeerFrame.totalBytes(length: length) == frame.count else { throw .truncated }
        let version = try reader.byte()
        guard version == PeerFrame.formatVersion else { throw .version(version) }
        let kind = try reader.byte()
        guard kind == Self.frameKind else { throw .unknownKind(kind) }
        try self.init(from: &reader)
        guard reader.remaining == 0 else { throw .trailingBytes(reader.remaining) }
    }

    /// Reads a whole frame, with its length. Refuses anything else, and never traps.
    package init(frame: [UInt8]) throws(PeerCodecError) {
        let result = frame.withUnsafeBytes { bytes in
            Result<Self, PeerCodecError> { () throws(PeerCodecError) in try Self(frame: bytes) }
        }
        self = try result.get()
    }
}
