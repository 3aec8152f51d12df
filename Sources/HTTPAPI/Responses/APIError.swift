import CollabModel
import HTTPTypes
import Hummingbird
import HummingbirdCore
import JSON
import RuntimePorts

/// An answer of the API that is an error: `{"error": {"code", "message"}}`.
///
/// Codes are those of the client protocol (``CollabModel/ErrorCode``), and `bad_request`, `method_not_allowed`,
/// `upgrade_required` and `internal`.
struct APIError: Error {
    var status: HTTPResponse.Status
    var code: String
    var message: String
    var headers: HTTPFields

    init(_ status: HTTPResponse.Status, _ code: String, _ message: String, headers: HTTPFields = [:]) {
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
    }

    static func badRequest(_ message: String) -> APIError { APIError(.badRequest, "bad_request", message) }
    static func notFound(_ message: String) -> APIError { APIError(.notFound, ErrorCode.notFound.rawValue, message) }
    static func forbidden(_ message: String) -> APIError { APIError(.forbidden, ErrorCode.forbidden.rawValue, message) }
    static func conflict(_ message: String) -> APIError { APIError(.conflict, ErrorCode.conflict.rawValue, message) }
    static func tooLarge(_ message: String) -> APIError {
        APIError(.contentTooLarge, ErrorCode.tooLarge.rawValue, message, headers: [.connection: "close"])
    }
    static func unavailable(_ message: String) -> APIError {
        APIError(.serviceUnavailable, ErrorCode.unavailable.rawValue, message, headers: [.retryAfter: "1"])
    }
    static func damaged(_ message: String) -> APIError { APIError(.internalServerError, "internal", message) }

    init(_ error: ClusterQueryError, notFound: String) {
        self =
            switch error {
            case .notFound: .notFound(notFound)
            case .noSuchVersion: .notFound("the document has no such version")
            case .unavailable(let message): .unavailable(message)
            case .damaged(let message): .damaged(message)
            }
    }

    init(_ error: CatalogError) {
        self =
            switch error {
            case .unavailable(let message): .unavailable(message)
            case .exists: .conflict("a document with this id exists")
            case .invalidCursor: .badRequest("cursor was not given by this list")
            }
    }

    var response: Response {
        var response = Response.json(status: status) { writer in
            writer.beginObject()
            writer.key("error")
            writer.beginObject()
            writer.key("code")
            writer.string(code)
            writer.key("message")
            writer.string(message)
            writer.endObject()
            writer.endObject()
        }
        response.headers.append(contentsOf: headers)
        return response
    }
}
