import CollabModel
import Delta
import DocumentCore
import Logging
import RuntimePorts
import RuntimeTesting
import Testing

@testable import ClusterRuntime

/// A document is loaded whole and verified, or not at all (guarantee G8).
@Suite struct DocumentLoaderTests {
    private let store = InMemoryStore(lanes: 1)
    private let id = DocumentID(Identifier128(high: 1, low: 1))

    private var loader: DocumentLoader {
        DocumentLoader(log: store, snapshots: store, logger: Logger(label: "test"))
    }

    /// A document with so many operations, and snapshots at the versions.
    private func sample(_ operations: Int, snapshots: Set<Int> = []) async throws -> SampleDocument {
        _ = try await store.create(id, title: "", owner: SampleDocument.user, content: DocumentContent())
        var sample = SampleDocument(id: id, client: ClientID(Identifier128(high: 2, low: 1)))
        try await sample.takeOver(
            in: store, as: NodeIdentity(node: NodeID("node-1")!, incarnation: Incarnation(1)))
        for number in 1...operations {
            #expect(try await store.append([sample.inserts(1)], lane: 0) == [.appended])
            guard snapshots.contains(number) else { continue }
            try await store.write(
                Snapshot(
                    version: sample.version, encodedContent: sample.content.jsonUTF8, digest: sample.content.digest),
                of: id)
        }
        return sample
    }

    @Test func theNewestSnapshotAndTheLogGiveTheDocument() async throws {
        let sample = try await sample(30, snapshots: [10, 20])
        let loaded = try await loader.load(id, through: Version(30), recentLimit: 100)
        #expect(loaded.content == sample.content)
        #expect(loaded.recent.map(\.version.value) == Array(20...30))
    }

    @Test func anyVersionCanBeLoaded() async throws {
        _ = try await sample(25, snapshots: [10, 20])
        for version in [0, 1, 9, 10, 11, 20, 25] {
            let loaded = try await loader.load(id, through: Version(Int64(version)), recentLimit: 100)
            #expect(loaded.version.value == Int64(version))
            #expect(loaded.content.length == 1 + 5 * version)
        }
    }

    @Test func aCorruptSnapshotIsSetAsideAndTheDocumentRebuilt() async throws {
        let sample = try await sample(30, snapshots: [10, 20])
        store.damageSnapshot(Version(20), of: id, content: Array(#"[{"insert":"not it\n"}]"#.utf8))
        let loaded = try await loader.load(id, through: Version(30), recentLimit: 100)
        #expect(loaded.content == sample.content)
        #expect(store.versionsSetAside(of: id) == [Version(20)])
    }

    @Test func anUnreadableSnapshotIsSetAsideToo() async throws {
        let sample = try await sample(12, snapshots: [10])
        store.damageSnapshot(Version(10), of: id, content: Array("[{".utf8))
        #expect(try await loader.load(id, through: Version(12), recentLimit: 100).content == sample.content)
    }

    @Test func aDamagedOperationIsAnErrorNeverAnotherDocument() async throws {
        _ = try await sample(12)
        store.damageOperation(Version(7), of: id)
        await #expect(throws: DamagedLog.self) { try await loader.load(id, through: Version(12), recentLimit: 100) }
    }

    @Test func aLogThatEndsTooSoonIsAnError() async throws {
        _ = try await sample(12)
        await #expect(throws: DamagedLog.self) { try await loader.load(id, through: Version(13), recentLimit: 100) }
    }

    @Test func warmStateSavesTheSnapshotAndIsVerifiedByTheLog() async throws {
        let sample = try await sample(20)
        let warm = try await loader.load(id, through: Version(15), recentLimit: 100)
        #expect(
            try await loader.load(id, through: Version(20), warm: warm, recentLimit: 100).content == sample.content)
        var wrong = warm
        try wrong.content.apply(.inserting("never written"))
        #expect(
            try await loader.load(id, through: Version(20), warm: wrong, recentLimit: 100).content == sample.content)
    }
}
