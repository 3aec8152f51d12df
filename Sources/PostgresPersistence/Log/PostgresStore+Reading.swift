package import CollabModel
package import Delta
package import DocumentCore
internal import PostgresClient
package import RuntimePorts

extension PostgresStore {
    private static let operationsStatement = Statement(
        "operations",
        """
        SELECT version, epoch, digest, client_id, client_operation_id, user_id, operation FROM operations
        WHERE document_id = $1 AND version > $2 AND version <= $3 ORDER BY version LIMIT $4
        """)

    private static let findStatement = Statement(
        "find",
        """
        SELECT version, digest FROM operations
        WHERE document_id = $1 AND client_id = $2 AND client_operation_id = $3
        """)

    /// First a look at the thousand versions before the asked one, where a client that comes back usually is; only then
    /// all of the client's rows by the unique index (`+ 0` keeps the planner from walking the whole log backwards).
    private static let lastOperationStatement = Statement(
        "last_operation",
        """
        WITH recent AS MATERIALIZED (
            SELECT client_operation_id FROM operations
            WHERE document_id = $1 AND client_id = $2 AND version > $3 - 1000 AND version <= $3
            ORDER BY version DESC LIMIT 1
        )
        SELECT client_operation_id FROM recent
        UNION ALL (
            SELECT client_operation_id FROM operations
            WHERE document_id = $1 AND client_id = $2 AND version <= $3 AND NOT EXISTS (SELECT FROM recent)
            ORDER BY version + 0 DESC LIMIT 1
        )
        """)

    package func operations(of document: DocumentID, after: Version, through: Version, limit: Int)
        async throws -> [CommittedOperation]
    {
        let expected = min(limit, after.distance(to: through))
        guard expected > 0 else { return [] }
        var parameters = Parameters()
        parameters.uuid(high: document.value.high, low: document.value.low)
        parameters.int8(after.value)
        parameters.int8(through.value)
        parameters.int8(Int64(expected))
        let rows = try await read(Self.operationsStatement, parameters)
        var operations: [CommittedOperation] = []
        operations.reserveCapacity(rows.rowCount)
        var version = after
        for row in 0..<rows.rowCount {
            version = version.next
            let operation: CommittedOperation
            do {
                operation = try Self.operation(rows, row)
            } catch {
                throw DamagedLog(document: document, message: "version \(version) cannot be read: \(error)")
            }
            guard operation.version == version else {
                throw DamagedLog(
                    document: document, message: "version \(version) is missing: the next is \(operation.version)")
            }
            operations.append(operation)
        }
        guard operations.count == expected else {
            throw DamagedLog(document: document, message: "versions from \(version.next) are missing")
        }
        return operations
    }

    package func find(_ operation: OperationID, of client: ClientID, in document: DocumentID)
        async throws(StoreUnavailable) -> (version: Version, digest: Digest)?
    {
        var parameters = Parameters()
        parameters.uuid(high: document.value.high, low: document.value.low)
        parameters.uuid(high: client.value.high, low: client.value.low)
        parameters.text(operation.text)
        let rows = try await read(Self.findStatement, parameters)
        guard rows.rowCount > 0 else { return nil }
        return try understood { () throws(PostgresError) in
            (Version(try rows.int8(0, 0)), Digest(rawValue: UInt64(bitPattern: try rows.int8(0, 1))))
        }
    }

    package func lastOperation(of client: ClientID, in document: DocumentID, through: Version)
        async throws(StoreUnavailable) -> OperationID?
    {
        var parameters = Parameters()
        parameters.uuid(high: document.value.high, low: document.value.low)
        parameters.uuid(high: client.value.high, low: client.value.low)
        parameters.int8(through.value)
        let rows = try await read(Self.lastOperationStatement, parameters)
        guard rows.rowCount > 0, let text = rows.optionalText(0, 0) else { return nil }
        return OperationID(text)
    }

    private struct UnreadableRow: Error, CustomStringConvertible { var description: String }

    private static func operation(_ rows: ResultSet, _ row: Int) throws -> CommittedOperation {
        let client = try rows.uuid(row, 3)
        guard let operationID = OperationID(try rows.text(row, 4)) else {
            throw UnreadableRow(description: "no operation id")
        }
        guard let userID = UserID(try rows.text(row, 5)) else { throw UnreadableRow(description: "no user id") }
        // jsonb has its own order of keys, spacing and form of numbers: encoded again it is what the owner encoded.
        let delta = try Delta(jsonUTF8: try rows.jsonb(row, 6))
        return CommittedOperation(
            version: Version(try rows.int8(row, 0)), epoch: Epoch(try rows.int8(row, 1)),
            clientID: ClientID(Identifier128(high: client.high, low: client.low)), userID: userID,
            operationID: operationID, delta: delta, encodedDelta: delta.jsonUTF8,
            digest: Digest(rawValue: UInt64(bitPattern: try rows.int8(row, 2))))
    }
}
