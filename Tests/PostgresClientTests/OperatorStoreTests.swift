import CollabModel
import LocalCluster
import PostgresClient
import PostgresPersistence
import RuntimePorts
import RuntimeTesting
import Testing

@Suite("What operators ask of PostgreSQL", .serialized)
struct OperatorStoreTests {
    @Test("A timeline has the epochs, the snapshots and the pace of a document")
    func timeline() async throws {
        try await withPostgres { server in
            try await withStore(server) { store in
                var source = SampleSource(seed: 1)
                var document = try await source.document(in: store, title: "Plan")
                let untouched = try #require(try await store.timeline(of: document.id, TimelineBounds()))
                #expect(untouched.title == "Plan")
                #expect(untouched.owner == nil)
                #expect(untouched.epochs.isEmpty)
                #expect(untouched.activity == nil)
                #expect(untouched.snapshots.map(\.version) == [.initial])

                let (first, second) = (source.node("a"), source.node("b"))
                let firstEpoch = try await document.takeOver(in: store, as: first)
                #expect(try await store.append([document.inserts(3)], lane: 0) == [.appended])
                let secondEpoch = try await document.takeOver(in: store, as: second)
                #expect(try await store.append([document.inserts(2)], lane: 0) == [.appended])

                let timeline = try #require(try await store.timeline(of: document.id, TimelineBounds()))
                #expect(timeline.owner == second)
                #expect(timeline.ownedSinceMilliseconds != nil)
                #expect(timeline.version == Version(5))
                #expect(timeline.epochs.map(\.epoch) == [secondEpoch, firstEpoch])
                #expect(timeline.epochs.map(\.firstVersion) == [Version(4), Version(1)])
                #expect(timeline.epochs.map(\.lastVersion) == [Version(5), Version(3)])
                #expect(timeline.activity?.operations.reduce(0, +) == 5)

                var bounds = TimelineBounds()
                bounds.operations = 2
                let bounded = try #require(try await store.timeline(of: document.id, bounds))
                #expect(bounded.epochs.map(\.epoch) == [secondEpoch])
                #expect(bounded.activity?.operations.reduce(0, +) == 2)
                #expect(try await store.timeline(of: DocumentID(.random(using: &source)), bounds) == nil)
            }
        }
    }

    @Test("What operators ask takes no reader from editing, however long it waits, and is given up after its time")
    func ownConnection() async throws {
        try await withPostgres { server in
            try await withStore(
                server,
                configure: {
                    $0.readers = 1
                    $0.operatorStatementTimeout = .seconds(8)
                }
            ) { store in
                var source = SampleSource(seed: 3)
                let document = try await source.document(in: store, title: "Plan").id
                try await withConnection(server) { holder in
                    _ = try await holder.execute(Statement(once: "BEGIN"))
                    _ = try await holder.execute(Statement(once: "LOCK TABLE document_snapshots"))
                    async let first = store.timeline(of: document, TimelineBounds())
                    async let second = store.timeline(of: document, TimelineBounds())
                    try await server.untilSessionsWait()
                    try await store.probe()
                    try await server.untilSessionsWait()
                    _ = try await holder.execute(Statement(once: "COMMIT"))
                    #expect(try await first?.title == "Plan")
                    #expect(try await second?.title == "Plan")
                }
            }
            try await withStore(server, configure: { $0.operatorStatementTimeout = .milliseconds(50) }) { store in
                let document = try #require(try await store.documents(matching: "plan", limit: 1).first).id
                try await withConnection(server) { holder in
                    _ = try await holder.execute(Statement(once: "BEGIN"))
                    _ = try await holder.execute(Statement(once: "LOCK TABLE document_snapshots"))
                    await #expect(throws: StoreUnavailable.self) {
                        try await store.timeline(of: document, TimelineBounds())
                    }
                    _ = try await holder.execute(Statement(once: "COMMIT"))
                }
            }
        }
    }

    @Test("Documents are found by title and by the beginning of their id, whatever the case and the signs")
    func search() async throws {
        try await withPostgres { server in
            try await withStore(server) { store in
                var source = SampleSource(seed: 2)
                let plan = try await source.document(in: store, title: "The 100%_PLAN").id
                let other = try await source.document(in: store, title: "Minutes").id
                #expect(try await store.documents(matching: "plan", limit: 10).map(\.id) == [plan])
                #expect(try await store.documents(matching: "%_", limit: 10).map(\.id) == [plan])
                #expect(try await store.documents(matching: "100", limit: 10).first?.title == "The 100%_PLAN")
                let start = String(other.description.prefix(13)).uppercased()
                #expect(try await store.documents(matching: start, limit: 10).map(\.id) == [other])
                #expect(try await store.documents(matching: "", limit: 1).count == 1)
                #expect(
                    try await store.titles(of: [plan, other, DocumentID(.random(using: &source))])
                        == [plan: "The 100%_PLAN", other: "Minutes"])
            }
        }
    }
}
