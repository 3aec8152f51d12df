import HTTPTypes
import Hummingbird
import HummingbirdCore
import RuntimePorts

/// Lets pages of the cluster's own nodes use every node, and nobody else's pages use any (``OriginPolicy``).
struct CrossOrigin: RouterMiddleware {
    let origins: OriginPolicy

    func handle(
        _ request: Request, context: BasicRequestContext,
        next: @concurrent (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        guard let origin = request.headers[.origin] else { return try await next(request, context) }
        guard origins.allows(origin, authority: request.head.authority) else {
            return APIError.forbidden("pages of this origin may not use this node").response
        }
        var response: Response
        if request.method == .options {
            response = Response(
                status: .noContent,
                headers: [
                    .accessControlAllowMethods: "GET, HEAD, POST, PUT, PATCH, DELETE",
                    .accessControlAllowHeaders: "authorization, content-type, x-collab-user",
                    .accessControlMaxAge: "600",
                ])
        } else {
            response = try await next(request, context)
        }
        response.headers[.accessControlAllowOrigin] = origin
        response.headers[.vary] = "Origin"
        return response
    }
}
