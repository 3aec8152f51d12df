/// Why bytes are not a frame of the peer protocol. The stream or request that they came on is of no use.
package enum PeerCodecError: Error, Sendable, Hashable {
    /// The frame ends in the middle of a value.
    case truncated
    /// Bytes are left after the last value of the frame.
    case trailingBytes(Int)
    /// The frame is of another version of the format.
    case version(UInt8)
    /// The frame is not of the kind that belongs here, or of none that this version knows.
    case unknownKind(UInt8)
    /// A value's case is none that this version knows. The name is that of the type.
    case unknownCase(StaticName, UInt8)
    /// A value is outside of what its type allows.
    case invalid(StaticName)
    /// A frame is longer than ``PeerFrame/maximumBytes``.
    case tooLong(bytes: Int)

    /// A name written in the source.
    package struct StaticName: Sendable, Hashable, ExpressibleByStringLiteral, CustomStringConvertible {
        package let description: String
        package init(stringLiteral value: StaticString) { description = "\(value)" }
    }
}

extension PeerCodecError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .truncated: "the frame ends in the middle of a value"
        case .trailingBytes(let count): "\(count) bytes are left after the frame's last value"
        case .version(let version): "the frame is of version \(version) of the format"
        case .unknownKind(let kind): "a frame of kind \(kind) does not belong here"
        case .unknownCase(let name, let tag): "\(name) has no case \(tag)"
        case .invalid(let name): "\(name) is not valid"
        case .tooLong(let bytes): "a frame of \(bytes) bytes is too long"
        }
    }
}
