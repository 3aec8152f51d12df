import CollabModel
import Delta
import DocumentCore
import HTTPTypes
import Hummingbird
import HummingbirdCore
import JSON
import RuntimePorts

extension HTTPAPI {
    var contentRoutes: [Route] {
        [
            Route(.get, "/api/documents/{id}/content") { try await content($0) },
            Route(.get, "/api/documents/{id}/operations") { try await operations($0) },
        ]
    }

    private func content(_ exchange: Exchange) async throws -> Response {
        let document = try exchange.document()
        _ = try await access.permission(try await access.principal(exchange), document)
        let format = exchange.query("format") ?? "delta"
        guard format == "delta" || format == "text" else {
            throw APIError.badRequest("unsupported format \(format.prefix(40).debugDescription): use delta or text")
        }
        let version = try exchange.integer("version", in: 0...Int64.max).map { Version($0) }
        let found: ContentAtVersion
        do {
            found = try await cluster.content(of: document, at: version)
        } catch {
            throw APIError(error, notFound: "no such document")
        }
        return .json { writer in
            writer.beginObject()
            writer.key("version")
            writer.int(found.version.value)
            writer.key("content")
            if format == "text" { writer.string(found.content.text) } else { found.content.delta.write(to: &writer) }
            writer.endObject()
        }
    }

    private func operations(_ exchange: Exchange) async throws -> Response {
        let document = try exchange.document()
        _ = try await access.permission(try await access.principal(exchange), document)
        let after = Version(try exchange.integer("after", in: 0...Int64.max / 2) ?? 0)
        let limit = try pageItems(exchange)
        let operations: [CommittedOperation]
        let head: Version
        do {
            guard let ownership = try await log.ownership(of: document) else {
                throw APIError.notFound("no such document")
            }
            head = ownership.head
            let through = min(head, after.advanced(by: limit))
            operations =
                after < through
                ? try await log.operations(of: document, after: after, through: through, limit: limit) : []
        } catch is StoreUnavailable {
            throw APIError.unavailable("the log is not available")
        } catch let error as DamagedLog {
            throw APIError.damaged(error.message)
        }
        let next = operations.last.flatMap { $0.version < head ? $0.version : nil }
        return .json { writer in
            writer.beginObject()
            writer.key("items")
            writer.beginArray()
            for operation in operations { Self.write(operation, to: &writer) }
            writer.endArray()
            writer.key("next")
            writer.string(orNull: next?.description)
            writer.endObject()
        }
    }

    private static func write(_ operation: CommittedOperation, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("version")
        writer.int(operation.version.value)
        writer.key("epoch")
        writer.int(operation.epoch.value)
        writer.key("clientId")
        writer.string(operation.clientID.description)
        writer.key("userId")
        writer.string(operation.userID.text)
        writer.key("operationId")
        writer.string(operation.operationID.text)
        writer.key("digest")
        writer.string(operation.digest.description)
        writer.key("operation")
        writer.raw(operation.encodedDelta)
        writer.endObject()
    }
}
