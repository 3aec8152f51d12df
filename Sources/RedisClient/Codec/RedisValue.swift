/// A reply of the server (Redis serialization protocol, version 2).
package enum RedisValue: Sendable, Hashable {
    /// A short text such as `OK`.
    case status(String)
    /// An error reply; its first word is the server's error code, such as `NOSCRIPT`.
    case error(String)
    case integer(Int64)
    /// A bulk string: any bytes.
    case bytes([UInt8])
    case array([RedisValue])
    /// A missing bulk string or array.
    case null
}

extension RedisValue {
    /// The text of a bulk string or status; `nil` for anything else. Bytes that are not UTF-8 are replaced.
    package var text: String? {
        switch self {
        case .status(let text): text
        case .bytes(let bytes): String(decoding: bytes, as: UTF8.self)
        case .error, .integer, .array, .null: nil
        }
    }

    /// Whether this is an error reply whose first word is `code`.
    package func isError(_ code: String) -> Bool {
        guard case .error(let message) = self else { return false }
        return message == code || message.hasPrefix(code + " ")
    }
}
