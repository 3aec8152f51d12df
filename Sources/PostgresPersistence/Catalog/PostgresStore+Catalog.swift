package import CollabModel
package import Delta
internal import PostgresClient
package import RuntimePorts

extension PostgresStore {
    private static let createStatement = Statement(
        "create_document",
        """
        WITH d AS (
            INSERT INTO documents (id, title, owner_id) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING
            RETURNING id, (extract(epoch FROM created_at) * 1000)::int8 AS created
        ), w AS (
            INSERT INTO document_ownership (document_id) SELECT id FROM d
        ), s AS (
            INSERT INTO document_snapshots (document_id, version, content, digest) SELECT id, 0, $4, $5 FROM d
        )
        SELECT created FROM d
        """)

    /// The time of change is the last operation's: exact, and one step in an index that is there anyway.
    static let columns = """
        d.id, d.title, d.owner_id, w.head, (extract(epoch FROM d.created_at) * 1000)::int8,
        (extract(epoch FROM coalesce(greatest(o.created_at, d.updated_at), d.updated_at)) * 1000)::int8,
        (extract(epoch FROM d.updated_at) * 1000000)::int8
        """
    static let joins = """
        JOIN document_ownership w ON w.document_id = d.id
        LEFT JOIN operations o ON o.document_id = d.id AND o.version = w.head
        """

    private static let recordStatement = Statement(
        "document_record", "SELECT \(columns) FROM documents d \(joins) WHERE d.id = $1")

    private static let renameStatement = Statement(
        "rename_document",
        """
        WITH d AS (
            UPDATE documents SET title = $2, updated_at = greatest(updated_at, now()) WHERE id = $1 RETURNING *
        )
        SELECT \(columns) FROM d \(joins)
        """)

    /// `$1` and `$2` null: from the start. The order uses `documents.updated_at`, which follows the edits within
    /// ``PostgresConfiguration/touchInterval``.
    private static let listStatement = Statement(
        "list_documents",
        """
        SELECT \(columns) FROM (
            SELECT * FROM documents
            WHERE $1::int8 IS NULL
                OR (updated_at, id) < (timestamptz 'epoch' + $1 * interval '1 microsecond', $2::uuid)
            ORDER BY updated_at DESC, id DESC LIMIT $3
        ) d \(joins) ORDER BY d.updated_at DESC, d.id DESC
        """)

    package func create(_ document: DocumentID, title: String, owner: UserID, content: DocumentContent)
        async throws(CatalogError) -> DocumentRecord
    {
        var parameters = Parameters()
        parameters.uuid(high: document.value.high, low: document.value.low)
        parameters.text(title)
        parameters.text(owner.text)
        parameters.text(utf8: content.delta.jsonUTF8)
        parameters.int8(Int64(bitPattern: content.digest.rawValue))
        do {
            let rows = try await readers.execute(Self.createStatement, parameters)
            guard rows.rowCount == 1 else { throw CatalogError.exists }
            let created = try rows.int8(0, 0)
            return DocumentRecord(
                id: document, title: title, owner: owner, version: .initial, createdAtMilliseconds: created,
                updatedAtMilliseconds: created)
        } catch let error as CatalogError {
            throw error
        } catch {
            throw .unavailable("\(error)")
        }
    }

    package func rename(_ document: DocumentID, to title: String) async throws(CatalogError) -> DocumentRecord? {
        var parameters = Parameters()
        parameters.uuid(high: document.value.high, low: document.value.low)
        parameters.text(title)
        do {
            let rows = try await readers.execute(Self.renameStatement, parameters)
            return rows.rowCount == 0 ? nil : try Self.record(rows, 0)
        } catch {
            throw .unavailable(error.description)
        }
    }

    package func record(of document: DocumentID) async throws(CatalogError) -> DocumentRecord? {
        var parameters = Parameters()
        parameters.uuid(high: document.value.high, low: document.value.low)
        do {
            let rows = try await readers.execute(Self.recordStatement, parameters)
            return rows.rowCount == 0 ? nil : try Self.record(rows, 0)
        } catch {
            throw .unavailable(error.description)
        }
    }

    package func list(limit: Int, after cursor: String?) async throws(CatalogError) -> Page<DocumentRecord> {
        guard limit > 0 else { return Page(items: [], next: cursor) }
        var parameters = Parameters()
        if let cursor {
            guard let start = ListCursor(cursor) else { throw .invalidCursor }
            parameters.int8(start.microseconds)
            parameters.uuid(high: start.document.value.high, low: start.document.value.low)
        } else {
            parameters.null(.int8)
            parameters.null(.uuid)
        }
        // One more than asked for says whether there is a next page.
        parameters.int8(Int64(limit) + 1)
        do {
            let rows = try await readers.execute(Self.listStatement, parameters)
            var items: [DocumentRecord] = []
            for row in 0..<min(limit, rows.rowCount) { items.append(try Self.record(rows, row)) }
            guard rows.rowCount > limit, let last = items.last else { return Page(items: items, next: nil) }
            let next = ListCursor(microseconds: try rows.int8(limit - 1, 6), document: last.id)
            return Page(items: items, next: next.text)
        } catch {
            throw .unavailable(error.description)
        }
    }

    static func record(_ rows: ResultSet, _ row: Int) throws(PostgresError) -> DocumentRecord {
        let id = try rows.uuid(row, 0)
        guard let owner = UserID(try rows.text(row, 2)) else { throw .malformedResult("a document without owner") }
        return DocumentRecord(
            id: DocumentID(Identifier128(high: id.high, low: id.low)), title: try rows.text(row, 1), owner: owner,
            version: Version(try rows.int8(row, 3)), createdAtMilliseconds: try rows.int8(row, 4),
            updatedAtMilliseconds: try rows.int8(row, 5))
    }
}
