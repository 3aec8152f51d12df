internal import CollabModel
internal import Delta
internal import DocumentCore
internal import PostgresClient
package import RuntimePorts

extension PostgresStore {
    /// The head compare-and-set: an owner of another epoch, a gap and a replay insert nothing, and a takeover waits for
    /// the row lock of an append under way (architecture.md, "Safety in PostgreSQL").
    ///
    /// `i` are the rows, `x` one line per document and epoch, `h` the documents whose head moved. Counting the rows
    /// refuses gaps and repetitions inside the batch, and joining by epoch refuses a second epoch of a document.
    private static let appendStatement = Statement(
        "append",
        """
        WITH i AS MATERIALIZED (
            SELECT * FROM unnest($1::uuid[], $2::int8[], $3::int8[], $4::int8[], $5::uuid[], $6::text[], $7::text[], \
        $8::jsonb[]) AS t (d, v, e, g, c, p, u, o)
        ), h AS (
            UPDATE document_ownership w SET head = x.last
            FROM (SELECT d, e, min(v) AS first, max(v) AS last, count(*) AS n FROM i GROUP BY d, e) x
            WHERE w.document_id = x.d AND w.epoch = x.e AND w.head = x.first - 1 AND x.n = x.last - x.first + 1
            RETURNING w.document_id, w.epoch
        ), r AS (
            INSERT INTO operations
                (document_id, version, epoch, digest, client_id, client_operation_id, user_id, operation)
            SELECT i.d, i.v, i.e, i.g, i.c, i.p, i.u, i.o FROM i JOIN h ON h.document_id = i.d AND h.epoch = i.e
        ), s AS (
            UPDATE documents SET updated_at = now() WHERE id = ANY ($9::uuid[])
        )
        SELECT document_id, epoch FROM h
        """)

    package func append(_ batch: [DocumentAppend], lane: Int) async throws(AppendError) -> [AppendOutcome] {
        guard !batch.isEmpty else { return [] }
        let documents = batch.lazy.map(\.document)
        let touched = touches.due(documents)
        let parameters = Self.appendParameters(batch, touched: touched)
        let rows: ResultSet
        do {
            rows = try await appenders[lane % lanes].execute(Self.appendStatement, parameters)
        } catch {
            touches.forget(touched)
            throw Self.appendError(error)
        }
        guard rows.warnings.isEmpty else {
            // The server gave up waiting for a standby: committed here, perhaps nowhere else.
            throw .outcomeUnknown(rows.warnings.joined(separator: "; "))
        }
        var appended: Set<AppendedPart> = []
        do {
            for row in 0..<rows.rowCount {
                let (high, low) = try rows.uuid(row, 0)
                let document = DocumentID(Identifier128(high: high, low: low))
                appended.insert(AppendedPart(document: document, epoch: Epoch(try rows.int8(row, 1))))
            }
        } catch {
            throw .outcomeUnknown(error.description)
        }
        return batch.map { part in
            appended.contains(AppendedPart(document: part.document, epoch: part.epoch)) ? .appended : .refused
        }
    }

    private struct AppendedPart: Hashable {
        var document: DocumentID
        var epoch: Epoch
    }

    private static func appendParameters(_ batch: [DocumentAppend], touched: [DocumentID]) -> Parameters {
        let rows = batch.flatMap { part in
            part.operations.map { operation in (document: part.document.value, epoch: part.epoch, operation: operation)
            }
        }
        let count = rows.count
        var parameters = Parameters()
        parameters.reserveCapacity(rows.reduce(0) { $0 + $1.operation.encodedDelta.count + 192 })
        parameters.array(of: .uuid, count: count) { $0.uuid(high: rows[$1].document.high, low: rows[$1].document.low) }
        parameters.array(of: .int8, count: count) { $0.int8(rows[$1].operation.version.value) }
        parameters.array(of: .int8, count: count) { $0.int8(rows[$1].epoch.value) }
        parameters.array(of: .int8, count: count) {
            $0.int8(Int64(bitPattern: rows[$1].operation.digest.rawValue))
        }
        parameters.array(of: .uuid, count: count) {
            let client = rows[$1].operation.clientID.value
            $0.uuid(high: client.high, low: client.low)
        }
        parameters.array(of: .text, count: count) { $0.text(rows[$1].operation.operationID.text) }
        parameters.array(of: .text, count: count) { $0.text(rows[$1].operation.userID.text) }
        parameters.array(of: .jsonb, count: count) { $0.jsonb(utf8: rows[$1].operation.encodedDelta) }
        parameters.array(of: .uuid, count: touched.count) {
            $0.uuid(high: touched[$1].value.high, low: touched[$1].value.low)
        }
        return parameters
    }

    /// Deadlock (40P01) and serialization failure (40001) may be sent again as they are. What the server says of itself
    /// is an outage, whose rows are held; anything else is about what was sent, and the writer isolates the document
    /// (PostgreSQL documentation, appendix A, "PostgreSQL Error Codes").
    static func appendError(_ error: PostgresError) -> AppendError {
        switch error {
        case .server(let error):
            switch error.sqlState.prefix(2) {
            // Insufficient resources (a full disk), system error: the statement was rolled back.
            case "53", "58": .unavailable(error.description)
            // Operator intervention, connection exception: the session ends, perhaps after the commit.
            case "57", "08": .outcomeUnknown(error.description)
            // A standby, until it is promoted.
            case "25" where error.sqlState == "25006": .unavailable(error.description)
            default: .failed(error.description, isTransient: error.sqlState == "40P01" || error.sqlState == "40001")
            }
        case .outcomeUnknown(let reason): .outcomeUnknown(reason)
        case .unavailable(let reason): .unavailable(reason)
        case .malformedResult(let reason): .outcomeUnknown(reason)
        }
    }
}
