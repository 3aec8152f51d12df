package import CollabModel
internal import PostgresClient
package import RuntimePorts

extension PostgresStore: ChangePositions {
    private static let publishedStatement = Statement(
        "published", "SELECT document_id, published FROM change_positions WHERE document_id = ANY($1::uuid[])")

    /// In the order of ids, so that two nodes that set the same rows wait for each other instead of in a circle.
    private static let setPublishedStatement = Statement(
        "set_published",
        """
        INSERT INTO change_positions AS p (document_id, published)
        SELECT u.id, u.version FROM unnest($1::uuid[], $2::int8[]) AS u (id, version)
        WHERE EXISTS (SELECT FROM documents d WHERE d.id = u.id) ORDER BY u.id
        ON CONFLICT (document_id) DO UPDATE SET published = excluded.published WHERE p.published < excluded.published
        """)

    private static let unpublishedStatement = Statement(
        "unpublished",
        """
        WITH page AS MATERIALIZED (
            SELECT document_id, head, node, incarnation FROM document_ownership
            WHERE $1::uuid IS NULL OR document_id > $1 ORDER BY document_id LIMIT $2
        )
        SELECT page.*, coalesce(published, 0) FROM page LEFT JOIN change_positions USING (document_id)
        ORDER BY document_id
        """)

    package func published(of documents: [DocumentID]) async throws(StoreUnavailable) -> [DocumentID: Version] {
        guard !documents.isEmpty else { return [:] }
        var parameters = Parameters()
        parameters.array(of: .uuid, count: documents.count) {
            $0.uuid(high: documents[$1].value.high, low: documents[$1].value.low)
        }
        let rows = try await feed(Self.publishedStatement, parameters)
        return try understood { () throws(PostgresError) in
            var positions: [DocumentID: Version] = [:]
            for row in 0..<rows.rowCount {
                positions[try Self.document(rows, row)] = Version(try rows.int8(row, 1))
            }
            return positions
        }
    }

    package func setPublished(_ positions: [DocumentID: Version]) async throws(StoreUnavailable) {
        let positions = positions.filter { $0.value > .initial }.map { $0 }
        guard !positions.isEmpty else { return }
        var parameters = Parameters()
        parameters.array(of: .uuid, count: positions.count) {
            $0.uuid(high: positions[$1].key.value.high, low: positions[$1].key.value.low)
        }
        parameters.array(of: .int8, count: positions.count) { $0.int8(positions[$1].value.value) }
        _ = try await feed(Self.setPublishedStatement, parameters)
    }

    package func unpublished(after document: DocumentID?, limit: Int) async throws(StoreUnavailable)
        -> (documents: [UnpublishedDocument], next: DocumentID?)
    {
        var parameters = Parameters()
        if let document {
            parameters.uuid(high: document.value.high, low: document.value.low)
        } else {
            parameters.null(.uuid)
        }
        parameters.int8(Int64(limit))
        let rows = try await feed(Self.unpublishedStatement, parameters)
        return try understood { () throws(PostgresError) in
            var documents: [UnpublishedDocument] = []
            for row in 0..<rows.rowCount {
                let (head, published) = (Version(try rows.int8(row, 1)), Version(try rows.int8(row, 4)))
                guard head > published else { continue }
                documents.append(
                    UnpublishedDocument(
                        document: try Self.document(rows, row), head: head, published: published,
                        owner: try Self.identity(rows, row, node: 2, incarnation: 3)))
            }
            let isMore = limit > 0 && rows.rowCount == limit
            return (documents, isMore ? try Self.document(rows, rows.rowCount - 1) : nil)
        }
    }

    private static func document(_ rows: ResultSet, _ row: Int) throws(PostgresError) -> DocumentID {
        let id = try rows.uuid(row, 0)
        return DocumentID(Identifier128(high: id.high, low: id.low))
    }

    /// Runs a statement on the feed's connection.
    private func feed(_ statement: Statement, _ parameters: Parameters) async throws(StoreUnavailable) -> ResultSet {
        try await run(statement, parameters, on: feedConnection)
    }
}
