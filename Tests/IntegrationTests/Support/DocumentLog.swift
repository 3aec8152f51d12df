import CollabModel
import Delta
import LocalCluster
import Testing

/// What the database holds of one document, read with SQL and replayed here: no code of a node takes part.
struct DocumentLog: Sendable {
    /// A row of `operations`.
    struct Row: Sendable {
        var version: Version
        var epoch: Epoch
        var digest: Digest
        var client: String
        var operationID: String
        var delta: Delta
    }

    /// Something that a test was told: that an operation of a client is durable.
    struct Acknowledgement: Hashable, Sendable {
        var client: ClientID
        var operationID: String
        /// The version that it was told to be; `nil` where the protocol tells none.
        var version: Version?
    }

    struct Unreadable: Error {
        var row: String
    }

    let document: DocumentID
    let rows: [Row]
    /// The document that the replay ends with.
    let content: DocumentContent
    /// Of the ownership row.
    let head: Version
    let epoch: Epoch
    private let faults: [String]

    /// Reads and replays.
    static func read(_ document: DocumentID, of cluster: LocalCluster) async throws -> DocumentLog {
        let text = try await cluster.postgres.query(
            """
            SELECT version, epoch, lpad(to_hex(digest), 16, '0'), client_id, client_operation_id, operation
            FROM operations WHERE document_id = '\(document)' ORDER BY version
            """)
        let rows = try text.split(separator: "\n").map { try row($0) }
        let start = try await cluster.postgres.query(
            "SELECT content FROM document_snapshots WHERE document_id = '\(document)' AND version = 0")
        let ownership = try await cluster.postgres.query(
            "SELECT head, epoch FROM document_ownership WHERE document_id = '\(document)'"
        ).split(separator: "|").compactMap { Int64($0) }
        try #require(ownership.count == 2, "no row of document_ownership")
        return try DocumentLog(
            document, rows,
            start: start.isEmpty ? DocumentContent() : DocumentContent(Delta(jsonUTF8: Array(start.utf8))),
            head: Version(ownership[0]), epoch: Epoch(ownership[1]))
    }

    private static func row(_ line: Substring) throws -> Row {
        let fields = line.split(separator: "|", maxSplits: 5, omittingEmptySubsequences: false)
        guard fields.count == 6, let version = Int64(fields[0]), let epoch = Int64(fields[1]),
            let digest = Digest(fields[2])
        else { throw Unreadable(row: String(line)) }
        return Row(
            version: Version(version), epoch: Epoch(epoch), digest: digest, client: String(fields[3]),
            operationID: String(fields[4]), delta: try Delta(jsonUTF8: Array(fields[5].utf8)))
    }

    private init(
        _ document: DocumentID, _ rows: [Row], start: DocumentContent, head: Version, epoch: Epoch
    ) throws {
        self.document = document
        self.rows = rows
        self.head = head
        self.epoch = epoch
        var faults: [String] = []
        var content = start
        var expected = Version.initial
        var latest = Epoch.none
        for row in rows {
            expected = expected.next
            if row.version != expected { faults.append("G4: version \(row.version) stands where \(expected) must") }
            expected = row.version
            if row.epoch < latest { faults.append("G5: version \(row.version) has epoch \(row.epoch) after \(latest)") }
            latest = max(latest, row.epoch)
            do { try content.apply(row.delta) } catch { faults.append("G6: version \(row.version): \(error)") }
            if content.digest != row.digest {
                faults.append("G6: version \(row.version) replays to \(content.digest), its row says \(row.digest)")
            }
        }
        if head != expected { faults.append("G4: the head is \(head), the last row \(expected)") }
        if epoch < latest { faults.append("G5: the epoch is \(epoch), the last row's \(latest)") }
        if Set(rows.map { "\($0.client) \($0.operationID)" }).count != rows.count {
            faults.append("G3: an operation is in the log twice")
        }
        self.content = content
        self.faults = faults
    }

    /// Checks G1 and G3 to G6 for what the log says by itself and for what clients were told.
    func check(
        _ acknowledgements: some Sequence<Acknowledgement> = [], sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(faults.isEmpty, "\(faults.prefix(5).joined(separator: "; "))", sourceLocation: sourceLocation)
        let versions = Dictionary(
            rows.map { ("\($0.client) \($0.operationID)", $0.version) }, uniquingKeysWith: { first, _ in first })
        for told in acknowledgements {
            let version = versions["\(told.client) \(told.operationID)"]
            #expect(
                version != nil, "G1: \(told.operationID) of \(told.client) was acknowledged and is not in the log",
                sourceLocation: sourceLocation)
            if let exact = told.version {
                #expect(
                    version == exact, "G3: \(told.operationID) was acknowledged as \(exact)",
                    sourceLocation: sourceLocation)
            }
        }
    }

    /// The version of an operation; `nil` when it is not in the log.
    func version(of operationID: String, by client: ClientID) -> Version? {
        rows.first { $0.client == client.description && $0.operationID == operationID }?.version
    }

    /// Checks that every running node shows what the replay ends with (G6).
    func checkNodes(_ nodes: [ClusterNode], sourceLocation: SourceLocation = #_sourceLocation) async throws {
        for node in nodes {
            try await eventually("\(node.id) shows version \(head) as the log has it") {
                guard let shown = try await node.content(of: document) else { return false }
                return shown.version == head && shown.content.digest == content.digest
            }
        }
    }
}
