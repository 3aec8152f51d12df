package import CollabModel
internal import Delta
internal import PostgresClient
package import RuntimePorts

extension PostgresStore {
    private static let latestStatement = Statement(
        "latest_snapshot",
        """
        SELECT version, content, digest FROM document_snapshots
        WHERE document_id = $1 AND version <= $2 AND set_aside_at IS NULL ORDER BY version DESC LIMIT 1
        """)

    /// A snapshot that was set aside gives way to a new one of its version; a sound one stays.
    private static let writeStatement = Statement(
        "write_snapshot",
        """
        INSERT INTO document_snapshots AS s (document_id, version, content, digest) VALUES ($1, $2, $3, $4)
        ON CONFLICT (document_id, version) DO UPDATE
        SET content = excluded.content, digest = excluded.digest, created_at = now(), set_aside_at = NULL,
            set_aside_reason = NULL
        WHERE s.set_aside_at IS NOT NULL
        """)

    private static let setAsideStatement = Statement(
        "set_snapshot_aside",
        """
        UPDATE document_snapshots SET set_aside_at = now(), set_aside_reason = $3
        WHERE document_id = $1 AND version = $2 AND set_aside_at IS NULL
        """)

    package func latest(of document: DocumentID, atOrBelow version: Version) async throws(StoreUnavailable) -> Snapshot?
    {
        var parameters = Parameters()
        parameters.uuid(high: document.value.high, low: document.value.low)
        parameters.int8(version.value)
        let rows = try await read(Self.latestStatement, parameters)
        guard rows.rowCount > 0 else { return nil }
        do {
            return Snapshot(
                version: Version(try rows.int8(0, 0)), encodedContent: [UInt8](rows.bytes(0, 1) ?? []),
                digest: Digest(rawValue: UInt64(bitPattern: try rows.int8(0, 2))))
        } catch {
            throw StoreUnavailable(error.description)
        }
    }

    package func write(_ snapshot: Snapshot, of document: DocumentID) async throws(StoreUnavailable) {
        var parameters = Parameters()
        parameters.reserveCapacity(snapshot.encodedContent.count + 64)
        parameters.uuid(high: document.value.high, low: document.value.low)
        parameters.int8(snapshot.version.value)
        parameters.text(utf8: snapshot.encodedContent)
        parameters.int8(Int64(bitPattern: snapshot.digest.rawValue))
        _ = try await read(Self.writeStatement, parameters)
    }

    package func setAside(_ document: DocumentID, version: Version, reason: String) async throws(StoreUnavailable) {
        var parameters = Parameters()
        parameters.uuid(high: document.value.high, low: document.value.low)
        parameters.int8(version.value)
        parameters.text(reason)
        _ = try await read(Self.setAsideStatement, parameters)
    }
}
