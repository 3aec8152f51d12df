package import CollabModel
package import Delta
package import DocumentCore
package import RuntimePorts

/// A log, snapshots and catalog whose requests are timed and counted as those of PostgreSQL.
package struct MeasuredStore<Store: OperationLog & SnapshotStore & DocumentCatalog>: Sendable {
    private let store: Store
    private let cells: RequestCells<PostgresRequestKind>
    private let clock: any RuntimeClock

    package init(_ store: Store, metrics: NodeMetrics, clock: any RuntimeClock) {
        self.store = store
        self.clock = clock
        cells = metrics.postgres
    }
}

extension MeasuredStore: OperationLog {
    package var lanes: Int { store.lanes }

    package func append(_ batch: [DocumentAppend], lane: Int) async throws(AppendError) -> [AppendOutcome] {
        try await cells.measure(.append, clock) { () async throws(AppendError) in
            try await store.append(batch, lane: lane)
        }
    }

    package func takeOver(
        _ document: DocumentID, believed: Epoch, as owner: NodeIdentity, at address: PeerAddress
    ) async throws(StoreUnavailable) -> TakeoverOutcome {
        try await cells.measure(.takeOver, clock) { () async throws(StoreUnavailable) in
            try await store.takeOver(document, believed: believed, as: owner, at: address)
        }
    }

    package func ownership(of document: DocumentID) async throws(StoreUnavailable) -> Ownership? {
        try await cells.measure(.ownership, clock) { () async throws(StoreUnavailable) in
            try await store.ownership(of: document)
        }
    }

    package func operations(
        of document: DocumentID, after: Version, through: Version, limit: Int
    ) async throws -> [CommittedOperation] {
        try await cells.measure(.read, clock, isFailure: { !($0 is DamagedLog) }) {
            try await store.operations(of: document, after: after, through: through, limit: limit)
        }
    }

    package func find(
        _ operation: OperationID, of client: ClientID, in document: DocumentID
    ) async throws(StoreUnavailable) -> (version: Version, digest: Digest)? {
        try await cells.measure(.lookUp, clock) { () async throws(StoreUnavailable) in
            try await store.find(operation, of: client, in: document)
        }
    }

    package func lastOperation(
        of client: ClientID, in document: DocumentID, through: Version
    ) async throws(StoreUnavailable) -> OperationID? {
        try await cells.measure(.lookUp, clock) { () async throws(StoreUnavailable) in
            try await store.lastOperation(of: client, in: document, through: through)
        }
    }
}

extension MeasuredStore: SnapshotStore {
    package func latest(
        of document: DocumentID, atOrBelow version: Version
    ) async throws(StoreUnavailable) -> Snapshot? {
        try await cells.measure(.snapshot, clock) { () async throws(StoreUnavailable) in
            try await store.latest(of: document, atOrBelow: version)
        }
    }

    package func write(_ snapshot: Snapshot, of document: DocumentID) async throws(StoreUnavailable) {
        try await cells.measure(.snapshot, clock) { () async throws(StoreUnavailable) in
            try await store.write(snapshot, of: document)
        }
    }

    package func setAside(
        _ document: DocumentID, version: Version, reason: String
    ) async throws(StoreUnavailable) {
        try await cells.measure(.snapshot, clock) { () async throws(StoreUnavailable) in
            try await store.setAside(document, version: version, reason: reason)
        }
    }
}

extension MeasuredStore: DocumentCatalog {
    package func create(
        _ document: DocumentID, title: String, owner: UserID, content: DocumentContent
    ) async throws(CatalogError) -> DocumentRecord {
        try await cells.measure(.catalog, clock, isFailure: Self.isFailure) { () async throws(CatalogError) in
            try await store.create(document, title: title, owner: owner, content: content)
        }
    }

    package func rename(_ document: DocumentID, to title: String) async throws(CatalogError) -> DocumentRecord? {
        try await cells.measure(.catalog, clock, isFailure: Self.isFailure) { () async throws(CatalogError) in
            try await store.rename(document, to: title)
        }
    }

    package func record(of document: DocumentID) async throws(CatalogError) -> DocumentRecord? {
        try await cells.measure(.catalog, clock, isFailure: Self.isFailure) { () async throws(CatalogError) in
            try await store.record(of: document)
        }
    }

    package func list(limit: Int, after cursor: String?) async throws(CatalogError) -> Page<DocumentRecord> {
        try await cells.measure(.catalog, clock, isFailure: Self.isFailure) { () async throws(CatalogError) in
            try await store.list(limit: limit, after: cursor)
        }
    }

    /// What a caller asked for wrongly says nothing about the server.
    private static func isFailure(_ error: CatalogError) -> Bool {
        if case .unavailable = error { true } else { false }
    }
}
