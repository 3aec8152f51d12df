package import CollabModel
package import RuntimePorts
internal import Synchronization

/// A lease store in memory with the semantics of the real one, whose clock and faults the test decides.
///
/// Several nodes of a test share one, as they would share a Redis. No thread and no timer of its own.
package final class InMemoryLeaseStore: LeaseStore {
    private let state = Mutex(LeaseTable())
    private let fan = EventFan()
    private let clock: any RuntimeClock
    /// What goes wrong; may be changed while the store is in use.
    package let faults: LeaseStoreFaults

    /// Makes an empty store that measures leases by `clock`.
    package init(clock: any RuntimeClock, faults: LeaseStoreFaults = .init()) {
        self.clock = clock
        self.faults = faults
    }

    package func renew(_ node: NodeRecord, timeToLiveMilliseconds: Int) async throws(StoreUnavailable)
        -> NodeLeaseOutcome
    {
        try await perform(.renew) { table, now in
            let (outcome, isNew) = table.renew(node, timeToLive: Int64(timeToLiveMilliseconds), now: now)
            return (outcome, isNew)
        }
    }

    package func leave(_ node: NodeIdentity) async throws(StoreUnavailable) {
        try await perform(.leave) { table, now in ((), table.leave(node, now: now)) }
    }

    package func members() async throws(StoreUnavailable) -> MembershipSnapshot {
        try await perform(.members) { table, now in (table.members(now: now), false) }
    }

    package func lease(of document: DocumentID) async throws(StoreUnavailable) -> DocumentLease? {
        try await perform(.lease) { table, _ in (table.leases[document], false) }
    }

    package func claim(
        _ document: DocumentID, replacing expected: DocumentLease?, with lease: DocumentLease
    ) async throws(StoreUnavailable) -> LeaseClaimOutcome {
        try await perform(.claim) { table, _ in (table.claim(document, replacing: expected, with: lease), false) }
    }

    package func release(_ document: DocumentID, _ lease: DocumentLease) async throws(StoreUnavailable) {
        try await perform(.release) { table, _ in (table.release(document, lease), false) }
    }

    package func events() -> AsyncStream<MembershipEvent> { fan.events() }

    /// Forgets everything, as a Redis that was replaced by an empty one.
    package func empty() { state.withLock { $0 = LeaseTable() } }

    /// Says to every consumer that the connection was lost and is back.
    package func announceReconnection() { fan.send(.reconnected) }

    private func perform<Result: Sendable>(
        _ operation: LeaseStoreCall.Operation,
        _ body: (inout LeaseTable, _ nowMilliseconds: Int64) -> (Result, announces: Bool)
    ) async throws(StoreUnavailable) -> Result {
        let fault = faults.fault(of: operation)
        if case .delayed(let duration) = fault {
            // A call whose task is cancelled is not cut short by the real store either.
            try? await clock.sleep(for: duration)
        }
        if case .requestLost = fault { throw StoreUnavailable("injected: the request was lost") }
        let now = clock.monotonicMicroseconds() / 1000
        let (result, announces) = state.withLock { body(&$0, now) }
        if announces { fan.send(.changed) }
        if case .replyLost = fault { throw StoreUnavailable("injected: the reply was lost") }
        return result
    }
}
