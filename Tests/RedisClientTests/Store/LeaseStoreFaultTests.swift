import CollabModel
import RuntimePorts
import RuntimeTesting
import Testing

/// The faults of the in-memory store do what they say.
@Suite struct LeaseStoreFaultTests {
    static let document = DocumentID(Identifier128(high: 1, low: 2))

    static func lease(_ epoch: Int64) throws -> DocumentLease {
        let owner = NodeIdentity(node: try #require(NodeID("n1")), incarnation: Incarnation(1))
        return DocumentLease(owner: owner, epoch: Epoch(epoch))
    }

    @Test(arguments: 1...4, [LeaseStoreFault.requestLost, .replyLost])
    func `exactly the chosen call fails`(count: Int, fault: LeaseStoreFault) async throws {
        let store = InMemoryLeaseStore(clock: ManualClock())
        _ = try await store.members()
        store.faults.failCall(count, with: fault)
        for call in 1...5 {
            var failed = false
            do { _ = try await store.lease(of: Self.document) } catch { failed = true }
            #expect(failed == (call == count), "call \(call)")
        }
        #expect(store.faults.calls == 6)
    }

    @Test func `a lost request has no effect and a lost reply has all of it`() async throws {
        let store = InMemoryLeaseStore(clock: ManualClock())
        let lease = try Self.lease(1)
        store.faults.failCall(1, with: .requestLost)
        await #expect(throws: StoreUnavailable.self) {
            try await store.claim(Self.document, replacing: nil, with: lease)
        }
        #expect(try await store.lease(of: Self.document) == nil)
        store.faults.failCall(1, with: .replyLost)
        await #expect(throws: StoreUnavailable.self) {
            try await store.claim(Self.document, replacing: nil, with: lease)
        }
        #expect(try await store.lease(of: Self.document) == lease)
    }

    @Test func `a delayed call takes effect late`() async throws {
        let clock = ManualClock()
        let store = InMemoryLeaseStore(clock: clock)
        store.faults.failCall(1, with: .delayed(.milliseconds(70)))
        let before = clock.monotonicMicroseconds()
        _ = try await store.claim(Self.document, replacing: nil, with: try Self.lease(1))
        #expect(clock.monotonicMicroseconds() - before == 70_000)
    }

    @Test func `an outage lasts until it is ended`() async throws {
        let store = InMemoryLeaseStore(clock: ManualClock())
        store.faults.beginOutage()
        for _ in 0..<3 { await #expect(throws: StoreUnavailable.self) { try await store.members() } }
        store.faults.end()
        _ = try await store.members()
    }

    @Test func `the same seed brings the same faults, another seed others`() async throws {
        func faults(_ seed: UInt64) async -> [Bool] {
            let store = InMemoryLeaseStore(clock: ManualClock())
            store.faults.followSeed(seed, probability: 0.3, longestDelay: .milliseconds(5))
            var failed: [Bool] = []
            for _ in 0..<200 { failed.append((try? await store.members()) == nil) }
            return failed
        }
        for seed in UInt64(1)...10 {
            let first = await faults(seed)
            #expect(await faults(seed) == first, "seed \(seed)")
            #expect(await faults(seed + 100) != first, "seed \(seed)")
            #expect(first.contains(true) && first.contains(false), "seed \(seed)")
        }
    }

    @Test func `a reconnection is told although changes came after it`() async throws {
        let store = InMemoryLeaseStore(clock: ManualClock())
        var events = store.events().makeAsyncIterator()
        store.announceReconnection()
        let node = NodeRecord(
            id: try #require(NodeID("n1")), incarnation: Incarnation(1), peerAddress: PeerAddress(host: "h", port: 1),
            publicURL: "http://h")
        _ = try await store.renew(node, timeToLiveMilliseconds: 1_000)
        #expect(await events.next() == .reconnected)
    }
}
