import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore

/// Gives every error the form of the API; what nobody foresaw is logged and answered with 500.
struct ErrorResponses: RouterMiddleware {
    let logger: Logger

    func handle(
        _ request: Request, context: BasicRequestContext,
        next: @concurrent (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as APIError {
            return error.response
        } catch let error as HTTPError {
            if error.status == .notFound { return APIError.notFound("no such resource").response }
            return APIError(error.status, "bad_request", error.body ?? error.status.reasonPhrase).response
        } catch is CancellationError {
            return APIError.unavailable("the node is stopping").response
        } catch {
            logger.error(
                "request failed", error: error,
                metadata: ["event": "error", "context": "\(request.method) \(request.uri.path)"])
            return APIError(.internalServerError, "internal", "the node could not answer").response
        }
    }
}
