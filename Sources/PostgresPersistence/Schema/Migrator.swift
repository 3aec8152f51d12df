internal import Logging
internal import PostgresClient

/// Brings the schema up to date, in one transaction under an advisory lock, so that several nodes may start at once.
///
/// Uses the connection up: after a failure its transaction is open and must be closed with it.
struct Migrator {
    let connection: PostgresConnection
    let logger: Logger
    var migrations = Migration.all
    /// The advisory lock's key: the ASCII bytes of "collab".
    static let lockKey: Int64 = 0x636F_6C6C_6162

    func run() async throws(PreparationError) {
        // Whoever fails in between closes the connection, which undoes the transaction.
        try await execute("BEGIN")
        try await migrate()
        try await execute("COMMIT")
    }

    private func migrate() async throws(PreparationError) {
        var key = Parameters()
        key.int8(Self.lockKey)
        // Ends with the transaction, so that a node that dies here does not keep it.
        try await execute("SELECT pg_advisory_xact_lock($1)", key)
        try await execute(
            """
            CREATE TABLE IF NOT EXISTS schema_migrations (
                version bigint PRIMARY KEY,
                name text NOT NULL,
                applied_at timestamptz NOT NULL DEFAULT now()
            )
            """)
        let rows = try await execute("SELECT coalesce(max(version), 0) FROM schema_migrations")
        let present = try Self.number(rows)
        let newest = migrations.last?.version ?? 0
        guard present <= newest else {
            throw .incompatible("the database has schema \(present), this program knows \(newest): use a newer program")
        }
        for migration in migrations where migration.version > present {
            for statement in migration.statements { try await execute(statement) }
            var parameters = Parameters()
            parameters.int8(migration.version)
            parameters.text(migration.name)
            try await execute("INSERT INTO schema_migrations (version, name) VALUES ($1, $2)", parameters)
            logger.info(
                "schema migrated",
                metadata: [
                    "event": "schema_migrated", "schema_version": "\(migration.version)", "name": "\(migration.name)",
                ])
        }
    }

    @discardableResult
    private func execute(_ sql: String, _ parameters: Parameters = Parameters())
        async throws(PreparationError) -> ResultSet
    {
        do {
            return try await connection.execute(Statement(once: sql), parameters)
        } catch .server(let error) where !Self.mayPass(error) {
            throw .incompatible("the schema could not be made: \(error)")
        } catch {
            throw .unavailable(error.description)
        }
    }

    /// Whether waiting may mend it: the server has no resources, shuts down, or somebody holds a lock
    /// (PostgreSQL manual, "PostgreSQL Error Codes", classes 40, 53, 55, 57, 58).
    private static func mayPass(_ error: ServerError) -> Bool {
        ["40", "53", "55", "57", "58"].contains(String(error.sqlState.prefix(2)))
    }

    private static func number(_ rows: ResultSet) throws(PreparationError) -> Int64 {
        do {
            return try rows.int8(0, 0)
        } catch {
            throw .unavailable(error.description)
        }
    }
}
