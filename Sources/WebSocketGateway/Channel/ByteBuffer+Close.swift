import NIOCore

extension ByteBuffer {
    /// Writes the payload of a close frame (RFC 6455, section 5.5.1): the code, and as much of the reason, in whole scalars,
    /// as a control frame has room for. Reasons may come from an authenticator.
    mutating func writeClose(_ code: UInt16, _ reason: String) {
        writeInteger(code)
        var length = 0
        for scalar in reason.unicodeScalars {
            length += UTF8.width(scalar)
            guard length <= Self.closeReasonBytes else { break }
            writeString(String(scalar))
        }
    }

    /// A control frame has 125 bytes at most, two of which are the code.
    private static let closeReasonBytes = 123
}
