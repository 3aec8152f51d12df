/// The error codes of the client protocol (protocol.md, "Server to client", `error`).
public enum ErrorCode: String, Sendable, CaseIterable {
    case invalidOperation = "invalid_operation"
    case forbidden
    case unauthorized
    case notFound = "not_found"
    case tooLarge = "too_large"
    case rateLimited = "rate_limited"
    case conflict
    case protocolError = "protocol_error"
    case unavailable

    /// Whether the same request, sent again later under the same id, may succeed.
    public var mayBeRetried: Bool { self == .rateLimited || self == .unavailable }
}

/// The close codes of the client protocol (protocol.md, "Closing").
public enum CloseCode: UInt16, Sendable, CaseIterable {
    case normal = 1000
    case nodeLeaving = 1001
    case protocolAbuse = 1008
    case tooLarge = 1009
    case overloaded = 1013
    case unauthorized = 4401
    case forbidden = 4403
    case notFound = 4404
    case replaced = 4408
    case deleted = 4410
}
