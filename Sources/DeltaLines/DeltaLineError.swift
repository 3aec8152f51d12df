/// Why a line has no result.
package enum DeltaLineError: Error, Hashable, Sendable {
    /// The line is no request: not JSON, an unknown `op`, a member missing or of another kind.
    case protocolError(String)
    /// A delta is none, or cannot be combined or applied.
    case invalidOperation(String)
    /// There is no such file.
    case notFound(String)
    /// The line is longer than is read.
    case tooLarge(String)

    /// The code, as in the client protocol.
    package var code: String {
        switch self {
        case .protocolError: "protocol_error"
        case .invalidOperation: "invalid_operation"
        case .notFound: "not_found"
        case .tooLarge: "too_large"
        }
    }

    /// What went wrong, for people.
    package var message: String {
        switch self {
        case .protocolError(let message), .invalidOperation(let message), .notFound(let message),
            .tooLarge(let message):
            message
        }
    }
}
