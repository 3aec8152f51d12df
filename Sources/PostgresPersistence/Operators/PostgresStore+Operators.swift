package import CollabModel
internal import PostgresClient
package import RuntimePorts

extension PostgresStore: OperatorStore {
    private static let titlesStatement = Statement(
        "titles", "SELECT id, title FROM documents WHERE id = ANY($1::uuid[])")

    /// Looks through the documents in the order of their last change and stops at enough; `$1` is in lower case.
    private static let searchStatement = Statement(
        "search_documents",
        """
        SELECT \(columns) FROM (
            SELECT * FROM documents
            WHERE starts_with(id::text, $1) OR position($1 IN lower(title)) > 0
            ORDER BY updated_at DESC, id DESC LIMIT $2
        ) d \(joins) ORDER BY d.updated_at DESC, d.id DESC
        """)

    private static let headStatement = Statement(
        "timeline_head",
        """
        SELECT d.title, (extract(epoch FROM d.created_at) * 1000)::int8, w.epoch, w.head, w.node, w.incarnation,
            (extract(epoch FROM w.taken_at) * 1000)::int8
        FROM documents d JOIN document_ownership w ON w.document_id = d.id WHERE d.id = $1
        """)

    private static let epochsStatement = Statement(
        "timeline_epochs",
        """
        SELECT epoch, min(version), max(version), (extract(epoch FROM min(created_at)) * 1000)::int8,
            (extract(epoch FROM max(created_at)) * 1000)::int8
        FROM operations WHERE document_id = $1 AND version > $2 AND version <= $3
        GROUP BY epoch ORDER BY epoch DESC LIMIT $4
        """)

    private static let snapshotsStatement = Statement(
        "timeline_snapshots",
        """
        SELECT version, (extract(epoch FROM created_at) * 1000)::int8,
            CASE WHEN set_aside_at IS NOT NULL THEN coalesce(set_aside_reason, 'set aside') END
        FROM document_snapshots WHERE document_id = $1 ORDER BY version DESC LIMIT $2
        """)

    private static let spanStatement = Statement(
        "timeline_span",
        """
        SELECT (extract(epoch FROM min(created_at)) * 1000)::int8, (extract(epoch FROM max(created_at)) * 1000)::int8
        FROM operations WHERE document_id = $1 AND version > $2 AND version <= $3
        """)

    private static let activityStatement = Statement(
        "timeline_activity",
        """
        SELECT ((extract(epoch FROM created_at) * 1000)::int8 - $4) / $5 AS step, count(*)
        FROM operations WHERE document_id = $1 AND version > $2 AND version <= $3 GROUP BY step ORDER BY step
        """)

    package func titles(of documents: [DocumentID]) async throws(StoreUnavailable) -> [DocumentID: String] {
        guard !documents.isEmpty else { return [:] }
        var parameters = Parameters()
        parameters.array(of: .uuid, count: documents.count) {
            $0.uuid(high: documents[$1].value.high, low: documents[$1].value.low)
        }
        let rows = try await ask(Self.titlesStatement, parameters)
        return try understood { () throws(PostgresError) in
            var titles: [DocumentID: String] = [:]
            for row in 0..<rows.rowCount {
                let id = try rows.uuid(row, 0)
                titles[DocumentID(Identifier128(high: id.high, low: id.low))] = try rows.text(row, 1)
            }
            return titles
        }
    }

    package func documents(matching text: String, limit: Int) async throws(StoreUnavailable) -> [DocumentRecord] {
        var parameters = Parameters()
        parameters.text(text.lowercased())
        parameters.int8(Int64(max(0, limit)))
        let rows = try await ask(Self.searchStatement, parameters)
        return try understood { () throws(PostgresError) in
            var records: [DocumentRecord] = []
            for row in 0..<rows.rowCount { records.append(try Self.record(rows, row)) }
            return records
        }
    }

    package func timeline(
        of document: DocumentID, _ bounds: TimelineBounds
    ) async throws(StoreUnavailable) -> DocumentTimeline? {
        var parameters = Parameters()
        parameters.uuid(high: document.value.high, low: document.value.low)
        let head = try await ask(Self.headStatement, parameters)
        guard head.rowCount == 1 else { return nil }
        var timeline = try understood { () throws(PostgresError) in try Self.timeline(head) }
        let range = max(0, timeline.version.value - Int64(bounds.operations))...timeline.version.value
        timeline.epochs = try await epochs(of: document, range, bounds.epochs)
        timeline.snapshots = try await snapshots(of: document, bounds.snapshots)
        timeline.activity = try await activity(of: document, range, bounds.steps)
        return timeline
    }

    private func epochs(
        of document: DocumentID, _ range: ClosedRange<Int64>, _ limit: Int
    ) async throws(StoreUnavailable) -> [EpochRecord] {
        var parameters = Self.parameters(document, range)
        parameters.int8(Int64(limit))
        let rows = try await ask(Self.epochsStatement, parameters)
        return try understood { () throws(PostgresError) in
            var epochs: [EpochRecord] = []
            for row in 0..<rows.rowCount {
                epochs.append(
                    EpochRecord(
                        epoch: Epoch(try rows.int8(row, 0)), firstVersion: Version(try rows.int8(row, 1)),
                        lastVersion: Version(try rows.int8(row, 2)), firstAtMilliseconds: try rows.int8(row, 3),
                        lastAtMilliseconds: try rows.int8(row, 4)))
            }
            return epochs
        }
    }

    private func snapshots(
        of document: DocumentID, _ limit: Int
    ) async throws(StoreUnavailable) -> [SnapshotRecord] {
        var parameters = Parameters()
        parameters.uuid(high: document.value.high, low: document.value.low)
        parameters.int8(Int64(limit))
        let rows = try await ask(Self.snapshotsStatement, parameters)
        return try understood { () throws(PostgresError) in
            var snapshots: [SnapshotRecord] = []
            for row in 0..<rows.rowCount {
                snapshots.append(
                    SnapshotRecord(
                        version: Version(try rows.int8(row, 0)), createdAtMilliseconds: try rows.int8(row, 1),
                        setAsideReason: rows.optionalText(row, 2)))
            }
            return snapshots
        }
    }

    private func activity(
        of document: DocumentID, _ range: ClosedRange<Int64>, _ steps: Int
    ) async throws(StoreUnavailable) -> ActivityRecord? {
        let span = try await ask(Self.spanStatement, Self.parameters(document, range))
        let (first, last) = try understood { () throws(PostgresError) in
            (try span.optionalInt8(0, 0), try span.optionalInt8(0, 1))
        }
        guard let first, let last, steps > 0 else { return nil }
        let step = max(1_000, (last - first) / Int64(steps) + 1)
        var parameters = Self.parameters(document, range)
        parameters.int8(first)
        parameters.int8(step)
        let rows = try await ask(Self.activityStatement, parameters)
        return try understood { () throws(PostgresError) in
            var operations = [Int](repeating: 0, count: Int((last - first) / step) + 1)
            for row in 0..<rows.rowCount {
                let index = Int(try rows.int8(row, 0))
                if operations.indices.contains(index) { operations[index] = Int(try rows.int8(row, 1)) }
            }
            return ActivityRecord(fromMilliseconds: first, stepMilliseconds: step, operations: operations)
        }
    }

    /// Runs a statement on the operators' connection.
    private func ask(_ statement: Statement, _ parameters: Parameters) async throws(StoreUnavailable) -> ResultSet {
        try await run(statement, parameters, on: operatorReader)
    }

    private static func parameters(_ document: DocumentID, _ range: ClosedRange<Int64>) -> Parameters {
        var parameters = Parameters()
        parameters.uuid(high: document.value.high, low: document.value.low)
        parameters.int8(range.lowerBound)
        parameters.int8(range.upperBound)
        return parameters
    }

    private static func timeline(_ head: ResultSet) throws(PostgresError) -> DocumentTimeline {
        DocumentTimeline(
            title: try head.text(0, 0), createdAtMilliseconds: try head.int8(0, 1), epoch: Epoch(try head.int8(0, 2)),
            version: Version(try head.int8(0, 3)), owner: try identity(head, 0, node: 4, incarnation: 5),
            ownedSinceMilliseconds: try head.optionalInt8(0, 6),
            epochs: [], snapshots: [], activity: nil)
    }
}
