import CollabModel
import JSON
import LocalCluster
import NIOCore
import Testing

/// An operator's console without a page: puts the feed's messages together as `HTTPAPI` documents them.
final class RawConsole {
    private let session: RawSession
    /// By id, as the feed tells them.
    private(set) var nodes: [String: JSONValue] = [:]
    private(set) var documents: [String: JSONValue] = [:]
    /// By document and epoch.
    private(set) var moves: [String: JSONValue] = [:]
    private(set) var selfID: String?
    /// Whether the next message continues what is known.
    private var isBegun = false

    private init(_ session: RawSession) { self.session = session }

    /// Opens the console of a node and takes its `state`.
    static func open(at node: ClusterNode, user: String = "ops") async throws -> RawConsole {
        let console = RawConsole(try await connect(to: node, user: user))
        try await console.take(within: .seconds(10))
        return console
    }

    /// Asks a node for its console, which may refuse.
    static func connect(to node: ClusterNode, user: String) async throws -> RawSession {
        try await RawSession.connect(
            to: node, path: "/api/console?user=\(user)", subprotocol: "collab.console.v1", takesBytes: true)
    }

    /// Takes messages until the picture is as it should be.
    func wait(for what: String, within limit: Duration = .seconds(20), _ condition: (RawConsole) -> Bool) async throws {
        let deadline = ContinuousClock.now + limit
        while !condition(self) {
            guard ContinuousClock.now < deadline else { throw NeverTrue(what: "\(what); \(self)", limit: limit) }
            try await take(within: .seconds(10))
        }
    }

    /// The state of a node: `active`, `draining`, `silent`, `gone`; `nil`: it is not told of.
    func state(of node: NodeID) -> String? { nodes[node.text]?["state"]?.string }

    /// Who owns a document by what the feed tells.
    func owner(of document: DocumentID) -> String? { documents[document.description]?["owner"]?.string }

    /// The moves of a document, the earliest first.
    func moves(of document: DocumentID) -> [JSONValue] {
        moves.values.filter { $0["document"]?.string == document.description }
            .sorted { ($0["epoch"]?.int ?? 0) < ($1["epoch"]?.int ?? 0) }
    }

    /// Returns when the node has ended the connection.
    func ended() async throws { _ = try await session.closeCode() }

    func close() async { await session.abort() }

    private func take(within limit: TimeAmount) async throws {
        let message = try JSONValue(utf8: try await session.nextBytes(within: limit))
        switch message["type"]?.string {
        case "state":
            (nodes, documents, moves) = ([:], [:], [:])
            selfID = message["self"]?.string
            isBegun = true
        case "changes":
            try #require(isBegun, "the state comes first")
            for id in message["removedNodes"]?.array ?? [] { nodes[try #require(id.string)] = nil }
            for id in message["removedDocuments"]?.array ?? [] { documents[try #require(id.string)] = nil }
        default: Issue.record("no message of the feed: \(message)")
        }
        for node in try #require(message["nodes"]?.array) { nodes[try #require(node["id"]?.string)] = node }
        for each in try #require(message["documents"]?.array) { documents[try #require(each["id"]?.string)] = each }
        for move in try #require(message["moves"]?.array) {
            moves["\(try #require(move["document"]?.string)) \(try #require(move["epoch"]?.int))"] = move
        }
    }
}

extension RawConsole: CustomStringConvertible {
    var description: String {
        "nodes \(nodes.mapValues { $0["state"]?.string ?? "?" }), owners "
            + "\(documents.values.compactMap { $0["owner"]?.string }.sorted()), \(moves.count) moves"
    }
}
