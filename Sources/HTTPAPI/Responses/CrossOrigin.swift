import HTTPTypes
import Hummingbird
import HummingbirdCore

/// Lets the page of one node read from the others, and nobody else's page write.
///
/// Reads carry no cookies, only what the asking page knows itself, so any origin may read. A request that writes and
/// comes from a page of another origin is refused, since without authentication nothing else would stop it.
struct CrossOrigin: RouterMiddleware {
    func handle(
        _ request: Request, context: BasicRequestContext,
        next: @concurrent (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        guard let origin = request.headers[.origin] else { return try await next(request, context) }
        switch request.method {
        case .options:
            return Response(
                status: .noContent,
                headers: [
                    .accessControlAllowOrigin: "*", .accessControlAllowMethods: "GET, HEAD",
                    .accessControlAllowHeaders: "authorization, x-collab-user", .accessControlMaxAge: "600",
                ])
        case .get, .head:
            var response = try await next(request, context)
            response.headers[.accessControlAllowOrigin] = "*"
            return response
        default:
            guard origin.split(separator: "/").last.map(String.init) == request.head.authority else {
                return APIError.forbidden("pages of other origins may only read").response
            }
            return try await next(request, context)
        }
    }
}
