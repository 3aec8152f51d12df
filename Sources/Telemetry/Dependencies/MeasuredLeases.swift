package import CollabModel
package import RuntimePorts

/// A lease store whose requests are timed and counted as those of Redis.
package struct MeasuredLeases<Store: LeaseStore>: LeaseStore {
    private let store: Store
    private let cells: RequestCells<RedisRequestKind>
    private let clock: any RuntimeClock

    package init(_ store: Store, metrics: NodeMetrics, clock: any RuntimeClock) {
        self.store = store
        self.clock = clock
        cells = metrics.redis
    }

    package func renew(
        _ node: NodeRecord, timeToLiveMilliseconds: Int
    ) async throws(StoreUnavailable) -> NodeLeaseOutcome {
        try await cells.measure(.renew, clock) { () async throws(StoreUnavailable) in
            try await store.renew(node, timeToLiveMilliseconds: timeToLiveMilliseconds)
        }
    }

    package func leave(_ node: NodeIdentity) async throws(StoreUnavailable) {
        try await cells.measure(.leave, clock) { () async throws(StoreUnavailable) in try await store.leave(node) }
    }

    package func members() async throws(StoreUnavailable) -> MembershipSnapshot {
        try await cells.measure(.members, clock) { () async throws(StoreUnavailable) in try await store.members() }
    }

    package func lease(of document: DocumentID) async throws(StoreUnavailable) -> DocumentLease? {
        try await cells.measure(.lease, clock) { () async throws(StoreUnavailable) in
            try await store.lease(of: document)
        }
    }

    package func claim(
        _ document: DocumentID, replacing expected: DocumentLease?, with lease: DocumentLease
    ) async throws(StoreUnavailable) -> LeaseClaimOutcome {
        try await cells.measure(.claim, clock) { () async throws(StoreUnavailable) in
            try await store.claim(document, replacing: expected, with: lease)
        }
    }

    package func release(_ document: DocumentID, _ lease: DocumentLease) async throws(StoreUnavailable) {
        try await cells.measure(.release, clock) { () async throws(StoreUnavailable) in
            try await store.release(document, lease)
        }
    }

    package func events() -> AsyncStream<MembershipEvent> { store.events() }
}
