import CollabModel
import LocalCluster

extension LocalCluster {
    /// The nodes other than one.
    func nodes(except node: NodeID) -> [ClusterNode] { nodes.filter { $0.id != node } }

    /// A node by its id.
    func node(_ id: NodeID) -> ClusterNode? { nodes.first { $0.id == id } }

    /// Makes appends of an epoch wait inside their statement, with the row lock held, until ``releaseAppends()``.
    func holdAppends(of document: DocumentID, throughEpoch epoch: Epoch) async throws {
        try await postgres.query(
            """
            CREATE TABLE IF NOT EXISTS held_appends (document_id uuid, epoch bigint);
            GRANT SELECT ON held_appends TO collab;
            CREATE OR REPLACE FUNCTION hold_append() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                WHILE EXISTS (SELECT FROM held_appends h
                              WHERE h.document_id = NEW.document_id AND h.epoch >= NEW.epoch) LOOP
                    PERFORM pg_sleep(0.005);
                END LOOP;
                RETURN NEW;
            END $$;
            INSERT INTO held_appends VALUES ('\(document)', \(epoch));
            CREATE OR REPLACE TRIGGER hold_append BEFORE INSERT ON operations
                FOR EACH ROW EXECUTE FUNCTION hold_append();
            """)
    }

    /// Returns when an append waits inside its statement.
    func appendIsHeld() async throws {
        try await eventually("an append is held inside its statement") {
            try await postgres.query(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE application_name LIKE 'collab:%' AND wait_event = 'PgSleep'
                """) != "0"
        }
    }

    func releaseAppends() async throws { try await postgres.query("DELETE FROM held_appends") }

    /// Makes appends fail with a condition of PostgreSQL (`disk_full` is SQLSTATE 53100), of one document or of all,
    /// until ``letAppendsSucceed()``.
    func failAppends(as condition: String, of document: DocumentID? = nil) async throws {
        let scope = document.map { "WHEN (NEW.document_id = '\($0)')" } ?? ""
        try await postgres.query(
            """
            CREATE OR REPLACE FUNCTION fail_append() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'an append was made to fail' USING ERRCODE = '\(condition)';
            END $$;
            CREATE TRIGGER fail_append BEFORE INSERT ON operations
                FOR EACH ROW \(scope) EXECUTE FUNCTION fail_append();
            """)
    }

    func letAppendsSucceed() async throws { try await postgres.query("DROP TRIGGER fail_append ON operations") }

    /// Ends every connection of the nodes to PostgreSQL from its side.
    func endConnections() async throws {
        try await postgres.query(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'collab:%'")
    }
}
