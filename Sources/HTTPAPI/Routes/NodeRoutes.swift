import HTTPTypes
import Hummingbird
import HummingbirdCore
import JSON
import Logging
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
            Route(.get, "/api/node/log-level") { exchange in
                try await access.requireOperator(exchange)
                return level()
            },
            Route(.put, "/api/node/log-level") { exchange in
                try await access.requireOperator(exchange)
                let body = try await exchange.json(upTo: 1_024)
                guard let level = body["level"]?.string.flatMap({ Logger.Level(rawValue: $0) }) else {
                    let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
                    throw APIError.badRequest("level is one of \(levels)")
                }
                logLevel.write(level)
                return self.level()
            },
            Route(.get, "/doc/{id}") { _ in
                throw APIError(
                    .upgradeRequired, "upgrade_required",
                    "a session is a WebSocket with the subprotocol collab.v1 or none",
                    headers: [.upgrade: "websocket"])
            },
        ]
    }

    /// The level of this node's logs.
    private func level() -> Response {
        .json { writer in
            writer.beginObject()
            writer.key("level")
            writer.string(logLevel.read().rawValue)
            writer.endObject()
        }
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
