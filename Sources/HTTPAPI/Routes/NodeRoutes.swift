import HTTPTypes
import Hummingbird
import HummingbirdCore
import JSON
import NIOCore
import RuntimePorts

extension HTTPAPI {
    var nodeRoutes: [Route] {
        [
            Route(.get, "/healthz") { _ in
                .json { writer in
                    writer.beginObject()
                    writer.key("status")
                    writer.string("ok")
                    writer.endObject()
                }
            },
            Route(.get, "/readyz") { _ in await readiness() },
            Route(.get, "/metrics") { exchange in
                let scrape = await scrape(exchange.request.headers[.accept])
                return Response(
                    status: .ok, headers: [.contentType: scrape.contentType, .vary: "accept"],
                    body: ResponseBody(byteBuffer: ByteBuffer(bytes: scrape.body)))
            },
            Route(.get, "/doc/{id}") { _ in
                throw APIError(
                    .upgradeRequired, "upgrade_required",
                    "a session is a WebSocket with the subprotocol collab.v1 or none",
                    headers: [.upgrade: "websocket"])
            },
        ]
    }

    /// 200 when this node can serve editors, else 503; each dependency by its name.
    private func readiness() async -> Response {
        let readiness = await cluster.readiness()
        return .json(status: readiness.isReady ? .ok : .serviceUnavailable) { writer in
            writer.beginObject()
            writer.key("status")
            writer.string(readiness.isReady ? "ready" : readiness.isDraining ? "draining" : "not_ready")
            writer.key("dependencies")
            writer.beginObject()
            for dependency in readiness.dependencies {
                writer.key(string: dependency.name)
                writer.beginObject()
                writer.key("ready")
                writer.bool(dependency.isReady)
                writer.key("message")
                writer.string(dependency.message)
                writer.endObject()
            }
            writer.endObject()
            writer.endObject()
        }
    }
}
