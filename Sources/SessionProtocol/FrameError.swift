public import CollabModel
import JSON

/// Why a message is not one of the protocol, in the form in which a client is told.
public struct FrameError: Error, Hashable, Sendable, CustomStringConvertible {
    /// `protocol_error`, or `invalid_operation` or `too_large` where the message is an operation that names itself.
    public var code: ErrorCode
    /// For people.
    public var message: String
    /// The operation that was refused, if the message says which.
    public var operationID: OperationID?

    public init(_ code: ErrorCode, _ message: String, operationID: OperationID? = nil) {
        self.code = code
        self.message = message
        self.operationID = operationID
    }

    init(_ error: JSONError) { self.init(.protocolError, "not the JSON that was expected: \(error)") }

    public var description: String { "\(code.rawValue): \(message)" }
}
