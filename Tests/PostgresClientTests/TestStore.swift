import CollabModel
import LocalCluster
import Logging
import PostgresClient
import PostgresPersistence
import RuntimePorts
import RuntimeTesting
import Synchronization
import Testing

/// Runs `body` with a store of its own on the server and closes it afterwards.
func withStore<Result: Sendable>(
    _ server: PostgresServer, as node: String = "a", incarnation: Int64 = 1,
    configure: (inout PostgresConfiguration) -> Void = { _ in },
    _ body: (PostgresStore) async throws -> Result
) async throws -> Result {
    var configuration = PostgresConfiguration(url: server.url)
    configuration.touchInterval = .zero
    configure(&configuration)
    let store = try PostgresStore(
        configuration, identity: identity(node, incarnation),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    do {
        try await store.prepare()
        let result = try await body(store)
        await store.shutdown()
        return result
    } catch {
        await store.shutdown()
        throw error
    }
}

/// Runs `body` with a bare connection and closes it afterwards.
func withConnection<Result: Sendable>(
    _ server: PostgresServer, name: String = "test", configure: (inout ConnectionOptions) -> Void = { _ in },
    _ body: (PostgresConnection) async throws -> Result
) async throws -> Result {
    var options = ConnectionOptions(url: server.url, applicationName: name)
    configure(&options)
    let connection = PostgresConnection(options, on: try PollExecutor())
    do {
        let result = try await body(connection)
        await connection.close()
        return result
    } catch {
        await connection.close()
        throw error
    }
}

/// The error of an append; `nil`: it has none.
func appendError(_ body: () async throws -> [AppendOutcome]) async -> AppendError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? AppendError ?? .failed("\(error)", isTransient: false)
    }
}

func identity(_ node: String, _ incarnation: Int64 = 1) throws -> NodeIdentity {
    NodeIdentity(node: try #require(NodeID(node)), incarnation: Incarnation(incarnation))
}

/// Returns once the condition holds; a condition that never does is a failure after a minute: a busy disk
/// makes a commit take seconds.
func eventually(_ what: Comment, _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(60)
    while try await !condition() {
        try #require(ContinuousClock.now < deadline, what)
        try await Task.sleep(for: .milliseconds(5))
    }
}

extension PostgresServer {
    /// Lets every commit wait for a standby that does not exist, and returns once they do: that the setting was loaded
    /// does not say that it holds in every process yet, and a commit that came before would not wait.
    func letCommitsWait() async throws {
        try await query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        try await query("SELECT pg_reload_conf()")
        for number in 0..<1_000 {
            let isOver = Atomic(false)
            async let commit: Void = {
                _ = try? await query("CREATE TABLE commit_\(number) ()")
                isOver.store(true, ordering: .releasing)
            }()
            var waits = false
            try await eventually("a commit neither waits nor ends") {
                waits =
                    try await query(
                        "SELECT count(pg_cancel_backend(pid)) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
                    != "0"
                return waits || isOver.load(ordering: .acquiring)
            }
            await commit
            if waits { return }
        }
        Issue.record("commits do not wait")
    }

    /// Returns once so many sessions wait for a lock.
    func untilSessionsWait(_ count: Int = 1) async throws {
        try await eventually("nobody waits for a lock") {
            let waiting = try await query("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
            return (Int(waiting) ?? 0) >= count
        }
    }

    /// Ends the sessions whose application name is like the pattern.
    func terminate(_ pattern: String) async throws {
        try await query(
            "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE application_name LIKE '\(pattern)'")
    }
}
