internal import CNGHTTP2

/// A failure of the HTTP/2 codec. After one, the connection is of no use and is to be closed.
package struct HTTP2Error: Error, Sendable, Hashable, CustomStringConvertible {
    /// Which step failed.
    package enum Code: String, Sendable, Hashable {
        /// The session could not be made.
        case setup
        /// What was received is not HTTP/2, or the peer floods.
        case receiving
        /// What is queued could not be turned into frames.
        case sending
        /// A request, response or control frame was refused by the codec.
        case submission
    }

    /// Stable across releases.
    package let code: Code
    /// For people: the library's text.
    package let message: String

    package var description: String { "HTTP/2 \(code.rawValue): \(message)" }

    init(_ code: Code, library error: Int) {
        self.code = code
        self.message = String(cString: nghttp2_strerror(Int32(truncatingIfNeeded: error)))
    }

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }
}

/// Why a stream or a connection was ended (RFC 9113, section 7).
package struct HTTP2ErrorCode: RawRepresentable, Sendable, Hashable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let noError = HTTP2ErrorCode(rawValue: 0x0)
    package static let protocolError = HTTP2ErrorCode(rawValue: 0x1)
    package static let internalError = HTTP2ErrorCode(rawValue: 0x2)
    package static let refusedStream = HTTP2ErrorCode(rawValue: 0x7)
    package static let cancel = HTTP2ErrorCode(rawValue: 0x8)
    package static let enhanceYourCalm = HTTP2ErrorCode(rawValue: 0xb)
}
