import LocalCluster
import PostgresPersistence
import RuntimePorts
import Testing

@Suite("The schema", .serialized)
struct MigrationTests {
    @Test("is made once when several nodes start at the same moment, and left alone afterwards")
    func concurrently() async throws {
        try await withPostgres { server in
            try await withThrowingTaskGroup { group in
                for number in 1...4 {
                    group.addTask {
                        try await withStore(server, as: "n\(number)") { try await $0.probe() }
                    }
                }
                try await group.waitForAll()
            }
            let applied = try await server.query(
                "SELECT string_agg(version::text, ',' ORDER BY version) FROM schema_migrations")
            #expect(applied == "1,2")
            try await withStore(server) { try await $0.probe() }
            #expect(try await server.query("SELECT count(*) FROM schema_migrations") == "2")
        }
    }

    @Test("of a newer program is refused")
    func newer() async throws {
        try await withPostgres { server in
            try await withStore(server) { _ in }
            try await server.query("INSERT INTO schema_migrations (version, name) VALUES (999, 'from the future')")
            await #expect {
                try await withStore(server) { _ in }
            } throws: {
                if case PreparationError.incompatible = $0 { true } else { false }
            }
        }
    }

    @Test("is made as a whole or not at all")
    func whole() async throws {
        try await withPostgres { server in
            // In the way of the last table of the first migration.
            try await server.query("CREATE TABLE audit_log (n int); ALTER TABLE audit_log OWNER TO collab")
            await #expect(throws: PreparationError.self) { try await withStore(server) { _ in } }
            #expect(try await server.query("SELECT to_regclass('documents') IS NULL") == "t")
            try await server.query("DROP TABLE audit_log")
            try await withStore(server) { try await $0.probe() }
        }
    }

    @Test("is awaited while PostgreSQL is not there")
    func awaited() async throws {
        try await withPostgres { server in
            try await server.stop()
            await #expect {
                try await withStore(server) { _ in }
            } throws: {
                if case PreparationError.unavailable = $0 { true } else { false }
            }
            try await server.start()
            try await withStore(server) { try await $0.probe() }
        }
    }
}
