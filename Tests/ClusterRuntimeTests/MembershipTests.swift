import ClusterCore
import ClusterRuntime
import CollabModel
import Logging
import RuntimePorts
import RuntimeTesting
import Synchronization
import Testing

@Suite("Membership")
struct MembershipTests {
    /// Stands still until it is moved.
    private final class StillClock: RuntimeClock {
        private let now = Mutex<Int64>(1_000_000_000)

        func monotonicMicroseconds() -> Int64 { now.withLock { $0 } }
        func wallMicroseconds() -> Int64 { now.withLock { $0 } }
        func sleep(for duration: Duration) async throws { move(milliseconds: Int64(duration / .milliseconds(1))) }
        func move(milliseconds: Int64) { now.withLock { $0 += milliseconds * 1_000 } }
    }

    private final class Observer: MembershipObserver {
        let losses = Mutex(0)

        func viewChanged(_ view: MembershipView) {}
        func leasesMayBeLost() { losses.withLock { $0 += 1 } }
        func identityLost(to other: Incarnation) {}
    }

    private let clock = StillClock()
    private let observer = Observer()
    private let store: InMemoryLeaseStore
    private let membership: Membership
    private let record: NodeRecord

    init() throws {
        let id = try #require(NodeID("node-1"))
        record = NodeRecord(
            id: id, incarnation: Incarnation(1), peerAddress: PeerAddress(host: "127.0.0.1", port: 4_001),
            publicURL: "http://127.0.0.1:3001")
        store = InMemoryLeaseStore(clock: clock)
        membership = Membership(
            record: record, store: store, timing: LeaseTiming(), clock: clock, metrics: NoRuntimeMetrics(),
            logger: Logger(label: "test"))
        membership.setObserver(observer)
    }

    @Test("An emptied store is noticed, however short the time since it was filled", arguments: [50, 300, 5_000])
    func emptied(age: Int64) async throws {
        _ = try await store.renew(record, timeToLiveMilliseconds: 60_000)
        await membership.refresh()
        clock.move(milliseconds: age)
        await membership.refresh()
        #expect(observer.losses.withLock { $0 } == 0)
        store.empty()
        _ = try await store.renew(record, timeToLiveMilliseconds: 60_000)
        clock.move(milliseconds: 1)
        await membership.refresh()
        #expect(observer.losses.withLock { $0 } == 1)
        #expect(!membership.trustsAbsence)
    }

    @Test("A store that keeps its marker is never taken for an emptied one")
    func kept() async throws {
        _ = try await store.renew(record, timeToLiveMilliseconds: 60_000)
        for step in 0..<50 {
            clock.move(milliseconds: Int64(step * 7 % 90))
            await membership.refresh()
        }
        #expect(observer.losses.withLock { $0 } == 0)
    }
}
