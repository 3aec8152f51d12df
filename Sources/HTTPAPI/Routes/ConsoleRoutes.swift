import CollabModel
import HTTPTypes
import Hummingbird
import HummingbirdCore
import JSON
import PeerProtocol
import RuntimePorts

extension HTTPAPI {
    /// What the operators' console asks beside its WebSocket.
    var consoleRoutes: [Route] {
        [
            Route(.get, "/api/console") { _ in
                throw APIError(
                    .upgradeRequired, "upgrade_required",
                    "the console is a WebSocket with the subprotocol collab.console.v1 or none",
                    headers: [.upgrade: "websocket"])
            },
            Route(.get, "/api/cluster/documents") { try await search($0) },
            Route(.get, "/api/cluster/documents/{id}/timeline") { try await timeline($0) },
            Route(.delete, "/api/cluster/nodes/{id}/drain") { try await undrain($0) },
        ]
    }

    /// The most documents that a search shows.
    private static let foundAtMost: Int64 = 50
    private static let searchCharacters = 200
    private static let historyTimeout = Duration.milliseconds(700)

    private func undrain(_ exchange: Exchange) async throws -> Response {
        try await access.requireOperator(exchange)
        guard let node = exchange.context.parameters.get("id").flatMap({ NodeID($0) }) else {
            throw APIError.notFound("no such node")
        }
        do {
            try await cluster.undrain(node)
        } catch {
            throw APIError(error, notFound: "no such node")
        }
        return .json { writer in
            writer.beginObject()
            writer.key("node")
            writer.string(node.text)
            writer.key("state")
            writer.string("active")
            writer.endObject()
        }
    }

    private func search(_ exchange: Exchange) async throws -> Response {
        try await access.requireOperator(exchange)
        guard let text = exchange.query("search"), text.count <= Self.searchCharacters, !text.utf8.contains(0) else {
            throw APIError.badRequest("search is a text of 1 to \(Self.searchCharacters) characters")
        }
        let limit = Int(try exchange.integer("limit", in: 1...Self.foundAtMost) ?? Self.foundAtMost)
        let records: [DocumentRecord]
        do {
            records = try await operators.documents(matching: text, limit: limit)
        } catch {
            throw APIError.unavailable("the documents cannot be searched now")
        }
        let places = await withTaskGroup(of: (DocumentID, DocumentPlace?).self) { group in
            for record in records {
                group.addTask { [cluster] in (record.id, try? await cluster.place(of: record.id)) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        return .json { writer in
            writer.beginObject()
            writer.key("items")
            writer.beginArray()
            for record in records { Self.write(record, places[record.id], to: &writer) }
            writer.endArray()
            writer.endObject()
        }
    }

    private static func write(_ record: DocumentRecord, _ place: DocumentPlace?, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("id")
        writer.string(record.id.description)
        writer.key("title")
        writer.string(record.title)
        writer.key("owner")
        writer.string(orNull: place?.owner?.text)
        writer.key("epoch")
        writer.int(orNull: place?.epoch.value)
        writer.key("version")
        writer.int(record.version.value)
        writer.key("updatedAt")
        writer.string(Timestamp.text(milliseconds: record.updatedAtMilliseconds))
        writer.endObject()
    }

    private func timeline(_ exchange: Exchange) async throws -> Response {
        try await access.requireOperator(exchange)
        let document = try exchange.document()
        // The nodes remember who the owners were; the log, what they wrote.
        async let remembered = reports.reports(
            ReportQuery(documents: 0, history: document), within: Self.historyTimeout)
        let found: DocumentTimeline?
        do {
            found = try await operators.timeline(of: document, configuration.timeline)
        } catch {
            throw APIError.unavailable("the log is not available")
        }
        guard let found else { throw APIError.notFound("no such document") }
        let place = try? await cluster.place(of: document)
        let view = TimelineView(document, found, owner: place?.owner, await remembered)
        return .json { view.write(to: &$0) }
    }
}
