import CollabModel
import RuntimePorts
import Testing

@testable import Telemetry

@Suite("Requests to servers as a node sees them")
struct MeasuredPortsTests {
    /// A clock that goes on by 2 ms each time it is looked at.
    private final class SteppingClock: RuntimeClock, @unchecked Sendable {
        // Unchecked: used by one test, one call after the other.
        private var now: Int64 = 0
        func monotonicMicroseconds() -> Int64 {
            now += 2_000
            return now
        }
        func wallMicroseconds() -> Int64 { 0 }
        func sleep(for duration: Duration) async throws {}
    }

    private struct Leases: LeaseStore {
        var fails = false
        func renew(
            _ node: NodeRecord, timeToLiveMilliseconds: Int
        ) async throws(StoreUnavailable) -> NodeLeaseOutcome { .held }
        func leave(_ node: NodeIdentity) async throws(StoreUnavailable) {}
        func members() async throws(StoreUnavailable) -> MembershipSnapshot {
            if fails { throw StoreUnavailable("gone") }
            return MembershipSnapshot(members: [], markerAgeMilliseconds: nil)
        }
        func lease(of document: DocumentID) async throws(StoreUnavailable) -> DocumentLease? { nil }
        func claim(
            _ document: DocumentID, replacing expected: DocumentLease?, with lease: DocumentLease
        ) async throws(StoreUnavailable) -> LeaseClaimOutcome { .claimed }
        func release(_ document: DocumentID, _ lease: DocumentLease) async throws(StoreUnavailable) {}
        func events() -> AsyncStream<MembershipEvent> { AsyncStream { $0.finish() } }
    }

    private func samples(_ metrics: NodeMetrics) -> [Substring] {
        String(decoding: metrics.exposition(), as: UTF8.self).split(separator: "\n")
    }

    @Test("a request is timed under its kind; one that fails is timed and counted as an error")
    func leases() async throws {
        let metrics = try nodeMetrics("n")
        _ = try await MeasuredLeases(Leases(), metrics: metrics, clock: SteppingClock()).members()
        let failing = MeasuredLeases(Leases(fails: true), metrics: metrics, clock: SteppingClock())
        await #expect(throws: StoreUnavailable.self) { try await failing.members() }
        let found = samples(metrics)
        #expect(found.contains("collab_redis_request_duration_ms_count{server_id=\"n\",kind=\"members\"} 2"))
        #expect(found.contains("collab_redis_request_duration_ms_sum{server_id=\"n\",kind=\"members\"} 4"))
        #expect(found.contains("collab_redis_errors_total{server_id=\"n\",kind=\"members\"} 1"))
        #expect(found.contains("collab_redis_errors_total{server_id=\"n\",kind=\"renew\"} 0"))
    }

    @Test("the breaker is closed with a connection, half open while one is tried, else open")
    func breaker() {
        #expect(DependencyLinks([.waiting, .open]).breaker == .closed)
        #expect(DependencyLinks([.waiting, .connecting]).breaker == .halfOpen)
        #expect(DependencyLinks([.waiting]).breaker == .open)
        #expect(DependencyLinks([]).breaker == .open)
    }
}
