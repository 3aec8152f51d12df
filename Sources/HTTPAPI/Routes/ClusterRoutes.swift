import CollabModel
import HTTPTypes
import Hummingbird
import HummingbirdCore
import JSON
import RuntimePorts

extension HTTPAPI {
    var clusterRoutes: [Route] {
        [
            Route(.get, "/api/cluster") { try await overview($0) },
            Route(.get, "/api/cluster/documents/{id}") { try await place($0) },
            Route(.post, "/api/cluster/nodes/{id}/drain") { try await drain($0) },
        ]
    }

    /// Everybody learns where the members are, since his client goes to another one when its node is lost; how they are
    /// is for operators.
    private func overview(_ exchange: Exchange) async throws -> Response {
        let isOperator = try await access.mayOperate(try await access.principal(exchange))
        let overview = try await overview()
        return .json { writer in
            writer.beginObject()
            if isOperator {
                writer.key("cluster")
                writer.string(overview.name)
            }
            writer.key("self")
            writer.string(overview.selfID.text)
            writer.key("members")
            writer.beginArray()
            for member in overview.members { Self.write(member, whole: isOperator, to: &writer) }
            writer.endArray()
            writer.endObject()
        }
    }

    /// Operators, and whoever may see the document, learn where it is.
    private func place(_ exchange: Exchange) async throws -> Response {
        let document = try exchange.document()
        let principal = try await access.principal(exchange)
        if try await !access.mayOperate(principal) { _ = try await access.permission(principal, document) }
        let place: DocumentPlace
        do {
            place = try await cluster.place(of: document)
        } catch {
            throw APIError(error, notFound: "no such document")
        }
        let overview = try await overview()
        return .json { writer in
            writer.beginObject()
            writer.key("document")
            writer.string(document.description)
            writer.key("owner")
            if let owner = place.owner {
                writer.beginObject()
                writer.key("node")
                writer.string(owner.text)
                writer.key("url")
                writer.string(orNull: overview.members.first { $0.id == owner }?.publicURL)
                writer.endObject()
            } else {
                writer.null()
            }
            writer.key("epoch")
            writer.int(place.epoch.value)
            writer.key("version")
            writer.int(place.version.value)
            writer.key("servedBy")
            writer.string(overview.selfID.text)
            writer.endObject()
        }
    }

    private func drain(_ exchange: Exchange) async throws -> Response {
        try await access.requireOperator(exchange)
        guard let node = exchange.context.parameters.get("id").flatMap({ NodeID($0) }) else {
            throw APIError.notFound("no such node")
        }
        do {
            try await cluster.drain(node)
        } catch {
            throw APIError(error, notFound: "no such node")
        }
        return .json(status: .accepted) { writer in
            writer.beginObject()
            writer.key("node")
            writer.string(node.text)
            writer.key("state")
            writer.string("draining")
            writer.endObject()
        }
    }

    private func overview() async throws(APIError) -> ClusterOverview {
        do {
            return try await cluster.overview()
        } catch {
            throw APIError(error, notFound: "no such cluster")
        }
    }

    private static func write(_ member: NodeRecord, whole: Bool, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("id")
        writer.string(member.id.text)
        writer.key("url")
        writer.string(member.publicURL)
        writer.key("state")
        writer.string(member.isDraining ? "draining" : "active")
        if whole {
            writer.key("documents")
            writer.int(member.ownedDocuments)
            writer.key("sessions")
            writer.int(member.sessions)
            writer.key("incarnation")
            // A string: it does not fit the numbers of JavaScript.
            writer.string(member.incarnation.description)
        }
        writer.endObject()
    }
}
