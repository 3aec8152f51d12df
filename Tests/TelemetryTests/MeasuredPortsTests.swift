import CollabModel
import Delta
import DocumentCore
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

    private struct Broker: ChangeBroker {
        var fails = false
        func reach() async throws(BrokerUnavailable) {}
        func publish(_ changes: [Change]) async throws(BrokerUnavailable) {
            if fails { throw BrokerUnavailable("gone") }
        }
        func queueDepths() async throws(BrokerUnavailable) -> [QueueDepth] { [] }
        var links: DependencyLinks { DependencyLinks([.open]) }
        func shutdown() async {}
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

    @Test("publishing is timed for each change, and a failure counts none; a node with a broker shows its connection")
    func broker() async throws {
        let metrics = try nodeMetrics("n")
        let broker = MeasuredBroker(Broker(), metrics: metrics, clock: SteppingClock())
        try await broker.publish([try change(1), try change(2), try change(3)])
        let failing = MeasuredBroker(Broker(fails: true), metrics: metrics, clock: SteppingClock())
        await #expect(throws: BrokerUnavailable.self) { try await failing.publish([try change(4)]) }
        var gauges = NodeGauges()
        gauges.rabbitMQ = broker.links
        metrics.set(gauges)
        let found = samples(metrics)
        #expect(found.contains("collab_queue_publish_latency_ms_count{server_id=\"n\"} 3"))
        #expect(found.contains("collab_rabbitmq_request_duration_ms_count{server_id=\"n\",kind=\"publish\"} 2"))
        #expect(found.contains("collab_rabbitmq_errors_total{server_id=\"n\",kind=\"publish\"} 1"))
        #expect(found.contains("collab_rabbitmq_connections{server_id=\"n\",state=\"open\"} 1"))
        #expect(found.contains("collab_circuit_breaker_state{server_id=\"n\",dependency=\"rabbitmq\"} 0"))
    }

    private func change(_ version: Int64) throws -> Change {
        Change(
            document: DocumentID(Identifier128(high: 1, low: 1)),
            operation: CommittedOperation(
                version: Version(version), epoch: Epoch(1), clientID: ClientID(Identifier128(high: 2, low: 2)),
                userID: try #require(UserID("ann")), operationID: try #require(OperationID("o-\(version)")),
                delta: Delta(), encodedDelta: [], digest: Digest(rawValue: 0)))
    }

    @Test("the breaker is closed with a connection, half open while one is tried, else open")
    func breaker() {
        #expect(DependencyLinks([.waiting, .open]).breaker == .closed)
        #expect(DependencyLinks([.waiting, .connecting]).breaker == .halfOpen)
        #expect(DependencyLinks([.waiting]).breaker == .open)
        #expect(DependencyLinks([]).breaker == .open)
    }
}
