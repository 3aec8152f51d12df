internal import LocalCluster

/// What happens to PostgreSQL.
struct PostgresNemesis {
    private let fault: FaultSpecification
    private static let name = "postgres"

    init(_ fault: FaultSpecification) { self.fault = fault }

    func prepare(on stage: isolated Stage) throws(NotNow) -> PreparedFault {
        let postgres = stage.cluster.postgres
        try stage.take(Self.name)
        func prepared(
            _ description: String, begin: @escaping @Sendable () async throws -> Void,
            end: @escaping @Sendable () async throws -> Void = {}
        ) -> PreparedFault {
            PreparedFault([Self.name], taking: [Self.name], description, begin: begin, end: end)
        }
        return switch fault.kind {
        case .postgresRestart:
            prepared("PostgreSQL is restarted") {
                try await postgres.stop()
                try await postgres.start()
            }
        case .postgresPause:
            prepared("PostgreSQL stands still") {
                try await postgres.pause()
            } end: {
                try await postgres.resume()
            }
        case .postgresDisconnect:
            prepared("PostgreSQL ends the nodes' connections") { try await postgres.query(Self.disconnect) }
        case .postgresDiskFull:
            prepared("the disk of the log is full") {
                try await postgres.query(Self.fullDisk)
            } end: {
                try await postgres.query("DROP TRIGGER IF EXISTS chaos_full_disk ON operations")
            }
        default:
            prepared("PostgreSQL is killed") {
                try await postgres.kill()
            } end: {
                try await postgres.start()
            }
        }
    }

    private static let disconnect =
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name LIKE 'collab:%'"

    /// What a full disk looks like to a node: the statement fails, nothing is written.
    private static let fullDisk = """
        CREATE OR REPLACE FUNCTION chaos_full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
        END $$;
        CREATE OR REPLACE TRIGGER chaos_full_disk BEFORE INSERT ON operations
            FOR EACH ROW EXECUTE FUNCTION chaos_full_disk();
        """
}
