import HTTPTypes
import Hummingbird
import HummingbirdCore

/// A route of the API: what is done for a method at a path.
struct Route: Sendable {
    var method: HTTPRequest.Method
    /// A path of Hummingbird's router, for example `/api/documents/{id}`.
    var path: String
    var handler: @Sendable (Exchange) async throws -> Response

    init(
        _ method: HTTPRequest.Method, _ path: String, _ handler: @escaping @Sendable (Exchange) async throws -> Response
    ) {
        self.method = method
        self.path = path
        self.handler = handler
    }
}
