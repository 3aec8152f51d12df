import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore
import RuntimePorts

/// Reports each request with its status and time.
struct RequestMetrics: RouterMiddleware {
    let metrics: any GatewayMetrics

    func handle(
        _ request: Request, context: BasicRequestContext,
        next: @concurrent (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        let start = NIODeadline.now()
        let response = try await next(request, context)
        metrics.request(
            status: response.status.code, microseconds: (NIODeadline.now() - start).nanoseconds / 1_000)
        return response
    }
}
