import CollabModel
import Delta
import HTTPTypes
import Hummingbird
import HummingbirdCore
import JSON
import RuntimePorts

extension HTTPAPI {
    var documentRoutes: [Route] {
        [
            Route(.get, "/api/documents") { try await list($0) },
            Route(.post, "/api/documents") { try await create($0) },
            Route(.get, "/api/documents/{id}") { try await read($0) },
            Route(.patch, "/api/documents/{id}") { try await rename($0) },
        ]
    }

    private func list(_ exchange: Exchange) async throws -> Response {
        let principal = try await access.principal(exchange)
        let limit = try pageItems(exchange)
        let page: Page<DocumentRecord>
        do {
            page = try await catalog.list(limit: limit, after: exchange.query("cursor"))
        } catch {
            throw APIError(error)
        }
        var visible: [(DocumentRecord, Permission)] = []
        for record in page.items {
            if let permission = try await access.permissionIfAny(principal, record.id) {
                visible.append((record, permission))
            }
        }
        return .json { writer in
            writer.beginObject()
            writer.key("items")
            writer.beginArray()
            for (record, permission) in visible { Self.write(record, permission, to: &writer) }
            writer.endArray()
            writer.key("next")
            writer.string(orNull: page.next)
            writer.endObject()
        }
    }

    private func create(_ exchange: Exchange) async throws -> Response {
        let principal = try await access.principal(exchange)
        try await access.mayCreate(principal)
        let body = try await exchange.json(upTo: configuration.bodyBytes, none: .object(JSONObject()))
        guard body.object != nil else { throw APIError.badRequest("the body is an object") }
        let title = try body["title"].map(title) ?? "Untitled"
        var content = DocumentContent()
        if let value = body["content"], !value.isNull { content = try Self.content(value) }
        guard content.length <= configuration.documentLength else {
            throw APIError.tooLarge(
                "content has \(content.length) UTF-16 units, more than \(configuration.documentLength)")
        }
        var generator = SystemRandomNumberGenerator()
        let record: DocumentRecord
        do {
            record = try await catalog.create(
                DocumentID(.random(using: &generator)), title: title, owner: principal.userID, content: content)
        } catch {
            throw APIError(error)
        }
        let permission = try await access.permissionIfAny(principal, record.id) ?? .admin
        var response = Response.json(status: .created) { Self.write(record, permission, to: &$0) }
        response.headers[.location] = "/api/documents/\(record.id)"
        return response
    }

    private func read(_ exchange: Exchange) async throws -> Response {
        let document = try exchange.document()
        let principal = try await access.principal(exchange)
        let permission = try await access.permission(principal, document)
        let record: DocumentRecord?
        do {
            record = try await catalog.record(of: document)
        } catch {
            throw APIError(error)
        }
        guard let record else { throw APIError.notFound("no such document") }
        return .json { Self.write(record, permission, to: &$0) }
    }

    private func rename(_ exchange: Exchange) async throws -> Response {
        let document = try exchange.document()
        let principal = try await access.principal(exchange)
        let permission = try await access.permission(principal, document)
        guard permission >= .edit else { throw APIError.forbidden("you may not change this document") }
        let body = try await exchange.json(upTo: configuration.bodyBytes)
        guard let fields = body.object, let value = body["title"], fields.count == 1 else {
            throw APIError.badRequest("the body is {\"title\": …}")
        }
        let record: DocumentRecord?
        do {
            record = try await catalog.rename(document, to: try title(value))
        } catch let error as CatalogError {
            throw APIError(error)
        }
        guard let record else { throw APIError.notFound("no such document") }
        return .json { Self.write(record, permission, to: &$0) }
    }

    private func title(_ value: JSONValue) throws(APIError) -> String {
        guard let text = value.string, !text.isEmpty, text.count <= configuration.titleCharacters,
            !text.utf8.contains(0)
        else { throw .badRequest("title is a string of 1 to \(configuration.titleCharacters) characters") }
        return text
    }

    /// How many items a page is to have.
    func pageItems(_ exchange: Exchange) throws -> Int {
        let range = 1...Int64(configuration.maximumPageItems)
        return try exchange.integer("limit", in: range).map(Int.init) ?? configuration.pageItems
    }

    /// A new document's content from ops; like an operation it has a valid shape.
    private static func content(_ value: JSONValue) throws(APIError) -> DocumentContent {
        let delta: Delta
        do {
            delta = try Delta(jsonUTF8: value.canonicalUTF8)
        } catch {
            throw .badRequest("content: \(error)")
        }
        do {
            return try DocumentContent(delta)
        } catch {
            throw APIError(.unprocessableContent, ErrorCode.invalidOperation.rawValue, "content: \(error)")
        }
    }

    private static func write(_ record: DocumentRecord, _ permission: Permission, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("id")
        writer.string(record.id.description)
        writer.key("title")
        writer.string(record.title)
        writer.key("version")
        writer.int(record.version.value)
        writer.key("createdAt")
        writer.string(Timestamp.text(milliseconds: record.createdAtMilliseconds))
        writer.key("updatedAt")
        writer.string(Timestamp.text(milliseconds: record.updatedAtMilliseconds))
        writer.key("permission")
        writer.string(permission.description)
        writer.endObject()
    }
}
