internal import CollabModel
internal import Delta
internal import HistoryChecker
internal import LocalCluster

/// Reads the operation log with SQL, past every node, into a history.
struct LogReading: Sendable {
    let postgres: PostgresServer
    let recorder: HistoryRecorder
    private static let pageRows = 2_000

    /// Writes down the whole log of a document, and its head, after the end of everything.
    ///
    /// - Returns: how many rows there are.
    func readWhole(_ document: DocumentID) async throws -> Int {
        var last = 0
        var count = 0
        while true {
            let text = try await postgres.query(
                """
                SELECT version, epoch, client_id, client_operation_id, lpad(to_hex(digest), 16, '0'), operation
                FROM operations WHERE document_id = '\(document)' AND version > \(last)
                ORDER BY version LIMIT \(Self.pageRows)
                """)
            let lines = text.split(separator: "\n")
            for line in lines {
                let row = try row(line, of: document)
                recorder.record(.row(row))
                last = row.version
            }
            count += lines.count
            if lines.count < Self.pageRows { break }
        }
        try await readHeads(of: [document], as: nil)
        return count
    }

    /// Writes down how long the logs of documents are, and under which epochs.
    func readHeads(of documents: [DocumentID], as reading: Int?) async throws {
        let list = documents.map { "'\($0)'" }.joined(separator: ", ")
        let text = try await postgres.query(
            "SELECT document_id, epoch, head FROM document_ownership WHERE document_id IN (\(list)) ORDER BY 1")
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: "|")
            guard fields.count == 3, let epoch = Int(fields[1]), let head = Int(fields[2]) else {
                throw ScenarioError("a row of document_ownership cannot be read: \(line)")
            }
            recorder.record(.head(.init(document: String(fields[0]), epoch: epoch, head: head, reading: reading)))
        }
    }

    private func row(_ line: Substring, of document: DocumentID) throws -> HistoryEvent.LogRow {
        let fields = line.split(separator: "|", maxSplits: 5, omittingEmptySubsequences: false)
        guard fields.count == 6, let version = Int(fields[0]), let epoch = Int(fields[1]) else {
            throw ScenarioError("a row of operations cannot be read: \(line.prefix(200))")
        }
        return HistoryEvent.LogRow(
            document: document.description, version: version, epoch: epoch, client: String(fields[2]),
            operationID: String(fields[3]), operation: try Delta(jsonUTF8: Array(fields[5].utf8)),
            digest: Digest(fields[4]))
    }
}
