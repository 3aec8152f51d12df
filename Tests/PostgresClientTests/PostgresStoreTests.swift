import CollabModel
import Delta
import DocumentCore
import LocalCluster
import PostgresClient
import PostgresPersistence
import RuntimePorts
import RuntimeTesting
import Testing

@Suite("The storage ports on PostgreSQL", .serialized)
struct PostgresStoreTests {
    @Test("keep the contract")
    func keepContract() async throws {
        try await withPostgres { server in
            try await withStore(server) { store in
                for law in LogContract.cases {
                    await #expect(throws: Never.self, "\(law), seed 1") { try await law.run(on: store, seed: 1) }
                }
            }
        }
    }

    @Test("A takeover waits for an append under way and learns of it")
    func takeoverWaits() async throws {
        try await withPostgres { server in
            try await withStore(server) { store in
                var source = SampleSource(seed: 1)
                var document = try await source.document(in: store)
                try await document.takeOver(in: store, as: source.node("a"))
                // What an append does up to its commit, in a session that is not a node's.
                try await withConnection(server, name: "slow") { slow in
                    try await moveHead(of: document.id, to: 5, on: slow)
                    let (id, epoch, successor) = (document.id, document.epoch, source.node("b"))
                    async let taken = store.takeOver(id, believed: epoch, as: successor, at: SampleDocument.address)
                    try await server.untilSessionsWait()
                    _ = try await slow.execute(Statement(once: "COMMIT"))
                    #expect(try await taken == .taken(epoch.next, head: Version(5)))
                }
            }
        }
    }

    @Test("A takeover ends an owner that was stopped with the row locked")
    func stoppedOwner() async throws {
        try await withPostgres { server in
            try await withStore(server, as: "b") { store in
                var source = SampleSource(seed: 2)
                var document = try await source.document(in: store)
                let former = try identity("a", 77)
                try await document.takeOver(in: store, as: former)
                let name = PostgresConfiguration.applicationName(of: former)
                try await withConnection(server, name: name) { stopped in
                    try await moveHead(of: document.id, to: 5, on: stopped)
                    let start = ContinuousClock.now
                    let outcome = try await store.takeOver(
                        document.id, believed: document.epoch, as: try identity("b"), at: SampleDocument.address)
                    #expect(outcome == .taken(document.epoch.next, head: .initial))
                    #expect(ContinuousClock.now - start < .seconds(3))
                    #expect(await commitIsLost(on: stopped))
                }
            }
        }
    }

    @Test("A takeover ends an owner of an earlier epoch that was stopped with the row locked")
    func stoppedEarlierOwner() async throws {
        try await withPostgres { server in
            try await withStore(server, as: "b") { store in
                var source = SampleSource(seed: 3)
                var document = try await source.document(in: store)
                try await document.takeOver(in: store, as: source.node("a"))
                let earlier = PostgresConfiguration.applicationName(of: try identity("z", 5))
                try await withConnection(server, name: earlier) { stopped in
                    try await moveHead(of: document.id, to: 5, on: stopped)
                    let outcome = try await store.takeOver(
                        document.id, believed: document.epoch, as: try identity("b"), at: SampleDocument.address)
                    #expect(outcome == .taken(document.epoch.next, head: .initial))
                    #expect(await commitIsLost(on: stopped))
                }
            }
        }
    }

    @Test("A row that a stranger keeps locked makes the takeover give up, not wait for ever")
    func strangersLock() async throws {
        try await withPostgres { server in
            try await withStore(server) { store in
                var source = SampleSource(seed: 4)
                let document = try await source.document(in: store)
                try await withConnection(server, name: "a person") { person in
                    try await moveHead(of: document.id, to: 5, on: person)
                    await #expect(throws: StoreUnavailable.self) {
                        try await store.takeOver(
                            document.id, believed: .none, as: try identity("a"), at: SampleDocument.address)
                    }
                    _ = try await person.execute(Statement(once: "COMMIT"))
                }
                let outcome = try await store.takeOver(
                    document.id, believed: .none, as: try identity("a"), at: SampleDocument.address)
                #expect(outcome == .taken(Epoch(1), head: Version(5)))
            }
        }
    }

    @Test("An append whose session ends before it runs is unknown, and written when it is sent again")
    func terminatedBeforeCommit() async throws {
        try await withPostgres { server in
            try await withStore(server) { store in
                var source = SampleSource(seed: 5)
                var document = try await source.document(in: store)
                try await document.takeOver(in: store, as: source.node("a"))
                let part = document.inserts(3)
                try await withConnection(server, name: "a person") { person in
                    _ = try await person.execute(Statement(once: "BEGIN"))
                    _ = try await person.execute(Statement(once: "SELECT FROM document_ownership FOR UPDATE"))
                    async let ended = appendError { try await store.append([part], lane: 0) }
                    try await server.untilSessionsWait()
                    try await server.terminate("collab:%")
                    #expect(isUnknown(await ended))
                    _ = try await person.execute(Statement(once: "ROLLBACK"))
                }
                #expect(try await store.append([part], lane: 0) == [.appended])
            }
        }
    }

    @Test(
        "An append that is committed but not confirmed is unknown, never appended; sent again it is refused and there",
        arguments: ["pg_terminate_backend", "pg_cancel_backend"])
    func endedInCommit(function: String) async throws {
        try await withPostgres { server in
            try await withStore(server) { store in
                var source = SampleSource(seed: 6)
                var document = try await source.document(in: store)
                try await document.takeOver(in: store, as: source.node("a"))
                let part = document.inserts(3)
                // A commit that waits for a standby which does not exist: the rows are there, the commit has not ended.
                try await server.letCommitsWait()
                async let ended = appendError { try await store.append([part], lane: 0) }
                try await eventually("the commit does not wait") {
                    try await server.query(
                        """
                        SELECT count(\(function)(pid)) FROM pg_stat_activity
                        WHERE application_name LIKE 'collab:%' AND wait_event = 'SyncRep'
                        """) != "0"
                }
                #expect(isUnknown(await ended))
                try await server.query("ALTER SYSTEM RESET synchronous_standby_names")
                try await server.query("SELECT pg_reload_conf()")
                try await eventually("no lane") { (try? await store.append([part], lane: 0)) == [.refused] }
                let stored = try await store.operations(of: document.id, after: .initial, through: Version(3), limit: 9)
                #expect(stored == part.operations)
            }
        }
    }

    @Test("A killed PostgreSQL is found again without help, and nothing that was appended is missing (G1)")
    func killedServer() async throws {
        try await withPostgres { server in
            try await withStore(server) { store in
                var source = SampleSource(seed: 7)
                var document = try await source.document(in: store)
                try await document.takeOver(in: store, as: source.node("a"))
                let first = document.inserts(3)
                #expect(try await store.append([first], lane: 0) == [.appended])
                try await server.kill()
                let second = document.inserts(1)
                await #expect(throws: AppendError.self) {
                    // The lane may not have noticed at the first time.
                    while true { _ = try await store.append([second], lane: 0) }
                }
                await #expect(throws: StoreUnavailable.self) { try await store.probe() }
                try await server.start()
                try await eventually("the log does not come back") { (try? await store.probe()) != nil }
                try await eventually("the lane does not come back") {
                    (try? await store.append([second], lane: 0)) != nil
                }
                let stored = try await store.operations(of: document.id, after: .initial, through: Version(4), limit: 9)
                #expect(stored == first.operations + second.operations)
            }
        }
    }

    @Test("A full disk is an outage: an append writes nothing, and is taken when there is room")
    func diskFull() async throws {
        try await withPostgres { server in
            try await withStore(server) { store in
                var source = SampleSource(seed: 8)
                var document = try await source.document(in: store)
                try await document.takeOver(in: store, as: source.node("a"))
                let part = document.inserts(2)
                try await server.query(
                    """
                    CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
                        $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
                    CREATE TRIGGER full_disk BEFORE INSERT ON operations EXECUTE FUNCTION full_disk()
                    """)
                await #expect {
                    try await store.append([part], lane: 0)
                } throws: {
                    if case AppendError.unavailable = $0 { true } else { false }
                }
                #expect(try await store.ownership(of: document.id)?.head == .initial)
                try await server.query("DROP TRIGGER full_disk ON operations")
                #expect(try await store.append([part], lane: 0) == [.appended])
            }
        }
    }

    @Test("Bytes that jsonb refuses fail the batch and write nothing of it")
    func refusedBytes() async throws {
        try await withPostgres { server in
            try await withStore(server) { store in
                var source = SampleSource(seed: 9)
                var document = try await source.document(in: store)
                var sound = try await source.document(in: store)
                try await document.takeOver(in: store, as: source.node("a"))
                try await sound.takeOver(in: store, as: source.node("a"))
                let whole = sound.inserts(1)
                for bytes in [#"[{"insert":"\u0000"}]"#, #"[{"insert":"\ud800"}]"#, #"[{"insert":"#, ""] {
                    var document = document
                    var operation = document.insert("x")
                    operation.encodedDelta = Array(bytes.utf8)
                    let part = document.append([operation])
                    await #expect(throws: AppendError.self, "\(bytes)") {
                        try await store.append([whole, part], lane: 0)
                    }
                }
                #expect(try await store.ownership(of: sound.id)?.head == .initial)
                #expect(try await store.append([whole], lane: 0) == [.appended])
            }
        }
    }

    @Test("A version that is missing or cannot be read fails the load (G8)")
    func damagedLog() async throws {
        let damages = [
            "DELETE FROM operations WHERE version = 2", "DELETE FROM operations WHERE version = 3",
            #"UPDATE operations SET operation = '[{"retain": -1}]' WHERE version = 2"#,
            #"UPDATE operations SET operation = '"text"' WHERE version = 1"#,
            "UPDATE operations SET client_operation_id = '' WHERE version = 1",
        ]
        try await withPostgres { server in
            try await withStore(server) { store in
                var source = SampleSource(seed: 10)
                for damage in damages {
                    var document = try await source.document(in: store)
                    try await document.takeOver(in: store, as: source.node("a"))
                    _ = try await store.append([document.inserts(3)], lane: 0)
                    try await server.query("\(damage) AND document_id = '\(document.id)'")
                    await #expect(throws: DamagedLog.self, "\(damage)") {
                        try await store.operations(of: document.id, after: .initial, through: Version(3), limit: 9)
                    }
                }
            }
        }
    }

    @Test("Two nodes' appends of the same documents in opposite order both end")
    func oppositeOrder() async throws {
        try await withPostgres { server in
            try await withStore(server, as: "a") { first in
                try await withStore(server, as: "b") { second in
                    var source = SampleSource(seed: 11)
                    var documents: [SampleDocument] = []
                    for _ in 0..<10 {
                        var document = try await source.document(in: first)
                        try await document.takeOver(in: first, as: source.node("a"))
                        documents.append(document)
                    }
                    for _ in 0..<20 {
                        let batch = documents.indices.map { documents[$0].inserts(1) }
                        async let one = repeated { try await first.append(batch, lane: 0) }
                        async let two = repeated { try await second.append(batch.reversed(), lane: 0) }
                        let (mine, theirs) = (try await one, try await two.reversed())
                        for (left, right) in zip(mine, theirs) { #expect((left == .appended) != (right == .appended)) }
                    }
                }
            }
        }
    }

    /// Sends again after a deadlock, which wrote nothing.
    private func repeated(_ body: @Sendable () async throws -> [AppendOutcome]) async throws -> [AppendOutcome] {
        while true {
            do {
                return try await body()
            } catch AppendError.failed(_, isTransient: true) {}
        }
    }

    private func moveHead(of document: DocumentID, to head: Int, on connection: PostgresConnection) async throws {
        _ = try await connection.execute(Statement(once: "BEGIN"))
        _ = try await connection.execute(
            Statement(once: "UPDATE document_ownership SET head = \(head) WHERE document_id = '\(document)'"))
    }

    private func commitIsLost(on connection: PostgresConnection) async -> Bool {
        // Either the loss is noticed with the statement, or it is noticed before and a new session has nothing to commit.
        let head = await outcome { try await connection.execute(Statement(once: "COMMIT")) }
        if case .outcomeUnknown = head { return true }
        return head == nil
    }

    private func isUnknown(_ error: AppendError?) -> Bool {
        if case .outcomeUnknown = error { true } else { false }
    }
}
