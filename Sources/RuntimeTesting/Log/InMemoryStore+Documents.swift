package import CollabModel
package import Delta
package import RuntimePorts
internal import Synchronization

extension InMemoryStore {
    // MARK: Snapshots

    package func latest(of document: DocumentID, atOrBelow version: Version) async throws(StoreUnavailable) -> Snapshot?
    {
        try await perform(.latestSnapshot(document)) { state in
            (state.rows[document]?.snapshots ?? [:]).values
                .filter { $0.setAsideReason == nil && $0.snapshot.version <= version }
                .max { $0.snapshot.version < $1.snapshot.version }?.snapshot
        }
    }

    package func write(_ snapshot: Snapshot, of document: DocumentID) async throws(StoreUnavailable) {
        let isThere = try await perform(.writeSnapshot(document)) { state in
            guard let row = state.rows[document] else { return false }
            if let present = row.snapshots[snapshot.version], present.setAsideReason == nil { return true }
            state.rows[document]?.snapshots[snapshot.version] = StoredSnapshot(snapshot: snapshot)
            return true
        }
        guard isThere else { throw StoreUnavailable("no such document") }
    }

    package func setAside(_ document: DocumentID, version: Version, reason: String) async throws(StoreUnavailable) {
        try await perform(.setSnapshotAside(document)) { state in
            guard state.rows[document]?.snapshots[version]?.setAsideReason == nil else { return }
            state.rows[document]?.snapshots[version]?.setAsideReason = reason
        }
    }

    // MARK: Catalog

    package func create(_ document: DocumentID, title: String, owner: UserID, content: DocumentContent)
        async throws(CatalogError) -> DocumentRecord
    {
        let record: DocumentRecord? = try await catalog(.create(document)) { state in
            guard state.rows[document] == nil else { return nil }
            let now = nowMilliseconds(&state)
            let record = DocumentRecord(
                id: document, title: title, owner: owner, version: .initial, createdAtMilliseconds: now,
                updatedAtMilliseconds: now)
            var row = Row(record: record)
            row.snapshots[.initial] = StoredSnapshot(
                snapshot: Snapshot(
                    version: .initial, encodedContent: content.delta.jsonUTF8, digest: content.digest))
            state.rows[document] = row
            return record
        }
        guard let record else { throw .exists }
        return record
    }

    package func rename(_ document: DocumentID, to title: String) async throws(CatalogError) -> DocumentRecord? {
        try await catalog(.rename(document)) { state in
            guard var record = state.rows[document]?.record else { return nil }
            record.title = title
            record.updatedAtMilliseconds = max(record.updatedAtMilliseconds, nowMilliseconds(&state))
            state.rows[document]?.record = record
            return record
        }
    }

    package func record(of document: DocumentID) async throws(CatalogError) -> DocumentRecord? {
        try await catalog(.record(document)) { $0.rows[document]?.record }
    }

    package func list(limit: Int, after cursor: String?) async throws(CatalogError) -> Page<DocumentRecord> {
        var start: (Int64, DocumentID)?
        if let cursor {
            let parts = cursor.split(separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 2, let time = Int64(parts[0]), let id = DocumentID(parts[1]) else {
                throw .invalidCursor
            }
            start = (time, id)
        }
        guard limit > 0 else { return Page(items: [], next: cursor) }
        let records = try await catalog(.list) { state in
            state.rows.values.map(\.record).sorted {
                ($0.updatedAtMilliseconds, $0.id) > ($1.updatedAtMilliseconds, $1.id)
            }
        }
        let rest = records.filter { record in
            start.map { (record.updatedAtMilliseconds, record.id) < $0 } ?? true
        }
        let items = Array(rest.prefix(limit))
        guard rest.count > limit, let last = items.last else { return Page(items: items, next: nil) }
        return Page(items: items, next: "\(last.updatedAtMilliseconds).\(last.id)")
    }

    private func catalog<Result>(_ call: LogCall, _ body: (inout State) -> Result)
        async throws(CatalogError) -> Result
    {
        do {
            return try await perform(call, body)
        } catch {
            throw .unavailable(error.message)
        }
    }
}
