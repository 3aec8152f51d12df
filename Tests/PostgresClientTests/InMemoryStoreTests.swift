import CollabModel
import Delta
import DocumentCore
import RuntimePorts
import RuntimeTesting
import Testing

@Suite("The storage ports in memory")
struct InMemoryStoreTests {
    @Test("keep the contract", arguments: LogContract.cases)
    func keepContract(_ law: LogContract.Case) async throws {
        for seed in UInt64(1)...3 {
            await #expect(throws: Never.self, "\(law), seed \(seed)") {
                try await law.run(on: InMemoryStore(), seed: seed)
            }
        }
    }

    @Test("A takeover waits for an append under way and learns of it")
    func takeoverWaits() async throws {
        var source = SampleSource(seed: 1)
        let gate = AppendGate()
        let store = InMemoryStore(faults: gate)
        var document = try await source.document(in: store)
        try await document.takeOver(in: store, as: source.node("a"))
        let part = document.inserts(2)
        gate.close()
        async let appended = store.append([part], lane: 0)
        await gate.untilHeld(1)
        let successor = source.node("b")
        let (id, epoch) = (document.id, document.epoch)
        async let taken = store.takeOver(id, believed: epoch, as: successor, at: SampleDocument.address)
        gate.open()
        #expect(try await appended == [.appended])
        #expect(try await taken == .taken(epoch.next, head: Version(2)))
    }

    @Test("An append that is ended under way wrote nothing and is unknown")
    func endedAppend() async throws {
        var source = SampleSource(seed: 2)
        let gate = AppendGate()
        let store = InMemoryStore(faults: gate)
        var document = try await source.document(in: store)
        try await document.takeOver(in: store, as: source.node("a"))
        let part = document.inserts(2)
        gate.close()
        async let ended = appendError { try await store.append([part], lane: 0) }
        await gate.untilHeld(1)
        store.endAppends()
        let outcome = try await store.takeOver(
            document.id, believed: document.epoch, as: source.node("b"), at: SampleDocument.address)
        #expect(outcome == .taken(document.epoch.next, head: .initial))
        gate.open()
        guard case .outcomeUnknown = await ended else {
            Issue.record("the ended append was answered otherwise")
            return
        }
        #expect(store.log(of: document.id).isEmpty)
    }

    @Test(
        "An unknown outcome may have been written or not; sent again unchanged it is in the log once",
        arguments: [true, false])
    func unknownOutcome(tookEffect: Bool) async throws {
        var source = SampleSource(seed: 3)
        let store = InMemoryStore(faults: NthCallFails(.append, 1, .connectionLost(tookEffect: tookEffect)))
        var document = try await source.document(in: store)
        try await document.takeOver(in: store, as: source.node("a"))
        let part = document.inserts(2)
        await #expect {
            try await store.append([part], lane: 0)
        } throws: {
            if case AppendError.outcomeUnknown = $0 { true } else { false }
        }
        #expect(try await store.append([part], lane: 0) == [tookEffect ? .refused : .appended])
        #expect(store.log(of: document.id) == part.operations)
    }

    @Test("A store that is down takes no call and keeps what was committed")
    func down() async throws {
        var source = SampleSource(seed: 4)
        let store = InMemoryStore()
        var document = try await source.document(in: store)
        try await document.takeOver(in: store, as: source.node("a"))
        let part = document.inserts(2)
        _ = try await store.append([part], lane: 0)
        store.goDown()
        await #expect(throws: AppendError.self) { try await store.append([document.inserts(1)], lane: 0) }
        await #expect(throws: StoreUnavailable.self) { try await store.ownership(of: document.id) }
        store.comeBack()
        #expect(store.log(of: document.id) == part.operations)
    }

    @Test("A damaged operation fails the read of its range and of no other (G8)")
    func damage() async throws {
        var source = SampleSource(seed: 5)
        let store = InMemoryStore()
        var document = try await source.document(in: store)
        try await document.takeOver(in: store, as: source.node("a"))
        _ = try await store.append([document.inserts(5)], lane: 0)
        store.damageOperation(Version(3), of: document.id)
        await #expect(throws: DamagedLog.self) {
            try await store.operations(of: document.id, after: Version(1), through: Version(4), limit: 9)
        }
        #expect(
            try await store.operations(of: document.id, after: Version(3), through: Version(5), limit: 9).count == 2)
    }

    @Test("Seeded faults strike the same calls again", arguments: [UInt64(1), 99])
    func seededFaults(seed: UInt64) async {
        func strikes() async -> [LogFault?] {
            let plan = SeededLogFaults(seed: seed, rates: .init(unavailable: 100, lostWithEffect: 100, failed: 50))
            var faults: [LogFault?] = []
            for _ in 0..<200 { faults.append(await plan.fault(for: .list)) }
            return faults
        }
        let first = await strikes()
        #expect(first == (await strikes()), "seed \(seed)")
        #expect(first.contains(.unavailable) && first.contains(nil), "seed \(seed)")
    }
}
