import CollabModel
import Delta
import DocumentCore
import RuntimePorts
import Synchronization

/// Documents in memory.
final class MemoryCatalog: DocumentCatalog {
    private let records = Mutex<[DocumentRecord]>([])
    let isAvailable = Mutex(true)

    func create(
        _ document: DocumentID, title: String, owner: UserID, content: DocumentContent
    ) async throws(CatalogError) -> DocumentRecord {
        try check()
        let record = DocumentRecord(
            id: document, title: title, owner: owner, version: .initial, createdAtMilliseconds: 1_000,
            updatedAtMilliseconds: 1_700_000_000_123)
        records.withLock { $0.append(record) }
        return record
    }

    func rename(_ document: DocumentID, to title: String) async throws(CatalogError) -> DocumentRecord? {
        try check()
        return records.withLock { records in
            guard let index = records.firstIndex(where: { $0.id == document }) else { return nil }
            records[index].title = title
            return records[index]
        }
    }

    func record(of document: DocumentID) async throws(CatalogError) -> DocumentRecord? {
        try check()
        return records.withLock { $0.first { $0.id == document } }
    }

    func list(limit: Int, after cursor: String?) async throws(CatalogError) -> Page<DocumentRecord> {
        try check()
        let all = records.withLock { $0 }
        guard let start = Int(cursor ?? "0") else { throw .invalidCursor }
        let items = Array(all.dropFirst(start).prefix(limit))
        return Page(items: items, next: start + limit < all.count ? String(start + limit) : nil)
    }

    private func check() throws(CatalogError) {
        guard isAvailable.withLock({ $0 }) else { throw .unavailable("the database is not there") }
    }
}

/// A log of one length for every document.
struct MemoryLog: OperationLog {
    var stored: [CommittedOperation] = []
    var lanes: Int { 1 }

    func append(_ batch: [DocumentAppend], lane: Int) async throws(AppendError) -> [AppendOutcome] { [] }
    func takeOver(_ document: DocumentID, believed: Epoch, as owner: NodeIdentity, at address: PeerAddress)
        async throws(StoreUnavailable) -> TakeoverOutcome
    { .noSuchDocument }
    func ownership(of document: DocumentID) async throws(StoreUnavailable) -> Ownership? {
        Ownership(epoch: Epoch(1), owner: nil, address: nil, head: Version(Int64(stored.count)))
    }
    func operations(
        of document: DocumentID, after: Version, through: Version, limit: Int
    ) async throws -> [CommittedOperation] {
        Array(stored.filter { $0.version > after && $0.version <= through }.prefix(limit))
    }
    func find(
        _ operation: OperationID, of client: ClientID, in document: DocumentID
    ) async throws(StoreUnavailable) -> (version: Version, digest: Digest)? { nil }
    func lastOperation(of client: ClientID, in document: DocumentID, through: Version) async throws(StoreUnavailable)
        -> OperationID?
    {
        nil
    }
}

/// A cluster of two nodes.
final class FakeCluster: ClusterQueries {
    let ready = Mutex(NodeReadiness(isDraining: false, dependencies: []))
    let drained = Mutex<[NodeID]>([])
    let node = NodeID("n1")!

    func overview() async throws(ClusterQueryError) -> ClusterOverview {
        ClusterOverview(
            name: "test", selfID: node,
            members: [
                NodeRecord(
                    id: node, incarnation: Incarnation(7), peerAddress: PeerAddress(host: "127.0.0.1", port: 1),
                    publicURL: "http://127.0.0.1:3001", ownedDocuments: 3, sessions: 4),
                NodeRecord(
                    id: NodeID("n2")!, incarnation: Incarnation(8),
                    peerAddress: PeerAddress(host: "127.0.0.1", port: 2),
                    publicURL: "http://127.0.0.1:3002", isDraining: true),
            ])
    }

    func place(of document: DocumentID) async throws(ClusterQueryError) -> DocumentPlace {
        guard document.value.high != 0 else { throw .notFound }
        return DocumentPlace(owner: document.value.low == 1 ? nil : node, epoch: Epoch(5), version: Version(9))
    }

    func content(of document: DocumentID, at version: Version?) async throws(ClusterQueryError) -> ContentAtVersion {
        guard document.value.high != 0 else { throw .notFound }
        if let version, version > Version(9) { throw .noSuchVersion }
        return ContentAtVersion(version: version ?? Version(9), content: DocumentContent())
    }

    func drain(_ node: NodeID) async throws(ClusterQueryError) {
        guard node.text.hasPrefix("n") else { throw .notFound }
        drained.withLock { $0.append(node) }
    }

    func undrain(_ node: NodeID) async throws(ClusterQueryError) {
        guard node.text.hasPrefix("n") else { throw .notFound }
        guard drained.withLock({ $0.contains(node) }) else { throw .unavailable("the node is about to end") }
        drained.withLock { $0.removeAll { $0 == node } }
    }

    func readiness() async -> NodeReadiness { ready.withLock { $0 } }
}
