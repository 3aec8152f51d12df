import CollabClient
import CollabModel
import Delta
import LocalCluster
import SessionProtocol
import Testing

/// A document with a session that a test abuses and a neighbour on another node, who must notice nothing.
struct Neighbourhood: Sendable {
    let cluster: LocalCluster
    let document: DocumentID
    let nodes: [ClusterNode]
    let abuser: RawSession
    let client: ClientID
    /// The version at which the abuse begins.
    let version: Version
    let content: DocumentContent
    private let neighbour: Editor

    /// Opens both, lets `body` abuse the session, and checks that the document is as before but for `accepted`
    /// operations of the abuser, and that the neighbour edits on without having lost his connection (G10).
    static func disturb(
        on cluster: LocalCluster, accepted: Int = 0, sourceLocation: SourceLocation = #_sourceLocation,
        _ body: (Neighbourhood) async throws -> Void
    ) async throws {
        let nodes = await cluster.nodes
        let document = try await cluster.createDocument(title: "Abused")
        // A build without optimization takes seconds over documents of megabytes, in which a session hears nothing.
        var options = SessionOptions()
        options.silenceMilliseconds = 60_000
        let neighbour = try await Editor.open(document, at: nodes[1], name: "e0", options: options)
        try await neighbour.typeAndSave()
        try await neighbour.session.edit { content in
            var change = Delta()
            change.retain(content.length - 1)
            change.insert("hello 👋 world")
            return change
        }
        try await neighbour.session.waitUntilSaved(within: .seconds(20))
        let (abuser, opening) = try await RawSession.open(document, at: nodes[0])
        let place = Neighbourhood(
            cluster: cluster, document: document, nodes: nodes, abuser: abuser, client: opening.clientID,
            version: opening.version, content: try DocumentContent(opening.content), neighbour: neighbour)
        try await body(place)

        try await neighbour.typeAndSave()
        let log = try await DocumentLog.read(document, of: cluster)
        log.check(neighbour.record.now.acknowledgements, sourceLocation: sourceLocation)
        #expect(
            log.head == place.version.advanced(by: accepted + 1), "the abuse has changed the log",
            sourceLocation: sourceLocation)
        #expect(log.rows[Int(place.version.value) - 1].digest == place.content.digest, sourceLocation: sourceLocation)
        let record = neighbour.record.now
        #expect(
            record.disconnections.isEmpty && record.errors.isEmpty && record.refusals.isEmpty,
            "G10: the neighbour noticed: \(record)", sourceLocation: sourceLocation)
        try await neighbour.session.waitUntilSettled(at: log.head, within: .seconds(10))
        #expect(await neighbour.session.content?.digest == log.content.digest, sourceLocation: sourceLocation)
        await abuser.abort()
        await neighbour.session.close()
    }

    /// Sends an operation that must be refused for good, and checks the whole answer: `error`, then `resync` that names
    /// it.
    func expectRefusal(
        _ id: String, at base: Version? = nil, _ ops: String, as code: ErrorCode = .invalidOperation,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await abuser.submit(id, at: base ?? version, ops)
        let resync = try await abuser.resync()
        #expect(resync.rejected?.text == id, "\(ops.prefix(80)): \(resync.reason)", sourceLocation: sourceLocation)
        #expect(resync.version == version, sourceLocation: sourceLocation)
        #expect(resync.digest == content.digest, sourceLocation: sourceLocation)
        #expect(try DocumentContent(resync.content).digest == content.digest, sourceLocation: sourceLocation)
    }
}
