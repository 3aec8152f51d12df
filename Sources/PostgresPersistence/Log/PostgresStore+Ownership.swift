package import CollabModel
internal import Logging
internal import PostgresClient
package import RuntimePorts

extension PostgresStore {
    private static let ownershipStatement = Statement(
        "ownership",
        """
        SELECT epoch, head, node, incarnation, peer_host, peer_port FROM document_ownership WHERE document_id = $1
        """)

    private static let takeOverStatement = Statement(
        "take_over",
        """
        UPDATE document_ownership
        SET epoch = epoch + 1, node = $3, incarnation = $4, peer_host = $5, peer_port = $6, taken_at = now()
        WHERE document_id = $1 AND epoch = $2
        RETURNING epoch, head
        """)

    /// Ends the sessions of the former owner, and whichever other node's session holds the row: an owner of an earlier
    /// epoch may have been stopped with the lock too. Waits for their end, so that the lock is free. A role may end
    /// its own sessions.
    private static let terminateStatement = Statement(
        "terminate",
        """
        SELECT count(pg_terminate_backend(a.pid, 300)) FROM pg_stat_activity a
        WHERE a.application_name LIKE 'collab:%' AND a.application_name <> $3 AND a.datname = current_database()
            AND (a.application_name = $2 OR a.backend_xid = (
                SELECT w.xmax FROM document_ownership w WHERE w.document_id = $1))
        """)

    /// How often a takeover waits for the row lock, each time 200 ms.
    private static let takeOverAttempts = 5

    package func ownership(of document: DocumentID) async throws(StoreUnavailable) -> Ownership? {
        var parameters = Parameters()
        parameters.uuid(high: document.value.high, low: document.value.low)
        let rows = try await read(Self.ownershipStatement, parameters)
        guard rows.rowCount == 1 else { return nil }
        return try understood { () throws(PostgresError) in
            var address: PeerAddress?
            if let host = rows.optionalText(0, 4), let port = try rows.optionalInt4(0, 5) {
                address = PeerAddress(host: host, port: Int(port))
            }
            return Ownership(
                epoch: Epoch(try rows.int8(0, 0)), owner: try Self.identity(rows, 0, node: 2, incarnation: 3),
                address: address, head: Version(try rows.int8(0, 1)))
        }
    }

    package func takeOver(_ document: DocumentID, believed: Epoch, as owner: NodeIdentity, at address: PeerAddress)
        async throws(StoreUnavailable) -> TakeoverOutcome
    {
        var parameters = Parameters()
        parameters.uuid(high: document.value.high, low: document.value.low)
        parameters.int8(believed.value)
        parameters.text(owner.node.text)
        parameters.int8(owner.incarnation.value)
        parameters.text(address.host)
        parameters.int4(Int32(clamping: address.port))
        for _ in 0..<Self.takeOverAttempts {
            do {
                let rows = try await readers.execute(Self.takeOverStatement, parameters)
                if rows.rowCount == 1 {
                    return .taken(Epoch(try rows.int8(0, 0)), head: Version(try rows.int8(0, 1)))
                }
                guard let present = try await ownership(of: document) else { return .noSuchDocument }
                return .superseded(present)
            } catch let error as PostgresError where error.sqlState == "55P03" {
                try await endHolders(of: document, for: owner)
            } catch let error as StoreUnavailable {
                throw error
            } catch {
                throw StoreUnavailable("\(error)")
            }
        }
        throw StoreUnavailable("document \(document): its row stayed locked for \(Self.takeOverAttempts) attempts")
    }

    /// The row lock is held: ends the connections of whoever held the document.
    private func endHolders(of document: DocumentID, for successor: NodeIdentity) async throws(StoreUnavailable) {
        let former = try await ownership(of: document)?.owner
        var parameters = Parameters()
        parameters.uuid(high: document.value.high, low: document.value.low)
        if let former {
            parameters.text(PostgresConfiguration.applicationName(of: former))
        } else {
            parameters.null(.text)
        }
        parameters.text(PostgresConfiguration.applicationName(of: successor))
        let rows = try await read(Self.terminateStatement, parameters)
        logger.warning(
            "ended the connections of a former owner that held a document",
            metadata: [
                "event": "former_owner_ended", "document_id": "\(document)",
                "former_owner": "\(former?.description ?? "none")",
                "connections": "\((try? rows.int8(0, 0)) ?? 0)",
            ])
    }
}
