import ClusterRuntime
import CollabModel
import Delta
import DocumentCore
import Logging
import RuntimePorts
import RuntimeTesting
import Testing

/// What becomes of appends (guarantees G1, G3 and G5), on the log in memory with the real one's semantics.
@Suite struct LogWriterTests {
    private static let owner = NodeIdentity(node: NodeID("node-1")!, incarnation: Incarnation(1))
    private static let successor = NodeIdentity(node: NodeID("node-2")!, incarnation: Incarnation(2))

    private func withWriter(
        _ faults: any LogFaultPlan = NoLogFaults(), documents: Int = 1,
        _ body: (LogWriter, InMemoryStore, inout [SampleDocument]) async throws -> Void
    ) async throws {
        let store = InMemoryStore(lanes: 1, clock: SystemRuntimeClock(), faults: faults)
        var samples: [SampleDocument] = []
        for number in 1...documents {
            let id = DocumentID(Identifier128(high: 1, low: UInt64(number)))
            _ = try await store.create(id, title: "", owner: SampleDocument.user, content: DocumentContent())
            var sample = SampleDocument(id: id, client: ClientID(Identifier128(high: 2, low: 1)))
            try await sample.takeOver(in: store, as: Self.owner)
            samples.append(sample)
        }
        let writer = LogWriter(
            log: store, clock: SystemRuntimeClock(), metrics: NoRuntimeMetrics(), logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await writer.run() }
            try await body(writer, store, &samples)
            group.cancelAll()
        }
    }

    @Test func appendsOfOneDocumentBecomeDurableInOrder() async throws {
        try await withWriter { writer, store, samples in
            let receiver = CollectingReceiver()
            for _ in 0..<20 { #expect(writer.append(samples[0].inserts(3), receiver: receiver)) }
            var last = Version.initial
            while last < Version(60) {
                guard case .appended(let through)? = await receiver.result() else { break }
                #expect(through > last)
                last = through
            }
            #expect(store.log(of: samples[0].id).map(\.version.value) == Array(1...60))
        }
    }

    @Test(arguments: [true, false])
    func anAppendWhoseConnectionWasLostIsWrittenExactlyOnce(tookEffect: Bool) async throws {
        let fault = NthCallFails(.append, 1, .connectionLost(tookEffect: tookEffect))
        try await withWriter(fault) { writer, store, samples in
            let receiver = CollectingReceiver()
            let append = samples[0].inserts(4)
            #expect(writer.append(append, receiver: receiver))
            #expect(await receiver.next() == .unavailable)
            #expect(await receiver.result() == .appended(through: Version(4)))
            #expect(store.log(of: samples[0].id).map(\.operationID) == append.operations.map(\.operationID))
        }
    }

    @Test func whileTheLogIsAwayEverythingIsHeldAndThenAppendedInOrder() async throws {
        try await withWriter { writer, store, samples in
            let receiver = CollectingReceiver()
            store.goDown()
            for _ in 0..<5 { #expect(writer.append(samples[0].inserts(2), receiver: receiver)) }
            #expect(await receiver.next() == .unavailable)
            store.comeBack()
            var last = Version.initial
            while last < Version(10), case .appended(let through)? = await receiver.result() { last = through }
            #expect(store.log(of: samples[0].id).map(\.version.value) == Array(1...10))
        }
    }

    @Test func anOwnerThatWasSucceededIsToldSoAndItsNeighboursAreNotHurt() async throws {
        try await withWriter(documents: 2) { writer, store, samples in
            let append = samples[0].inserts(2)
            _ = try await store.takeOver(
                samples[0].id, believed: samples[0].epoch, as: Self.successor, at: SampleDocument.address)
            let (fenced, well) = (CollectingReceiver(), CollectingReceiver())
            #expect(writer.append(append, receiver: fenced))
            #expect(writer.append(samples[1].inserts(2), receiver: well))
            #expect(await fenced.result() == .fenced)
            #expect(await well.result() == .appended(through: Version(2)))
            #expect(store.log(of: samples[0].id).isEmpty)
        }
    }

    @Test func aDeadlockIsTriedAgain() async throws {
        try await withWriter(NthCallFails(.append, 1, .failed(isTransient: true))) { writer, store, samples in
            let receiver = CollectingReceiver()
            #expect(writer.append(samples[0].inserts(1), receiver: receiver))
            #expect(await receiver.next() == .finished(.appended(through: Version(1))))
        }
    }

    @Test func aStatementThatTheServerRefusesIsNeverCalledAppended() async throws {
        try await withWriter(NthCallFails(.append, 1, .failed(isTransient: false))) { writer, store, samples in
            let receiver = CollectingReceiver()
            #expect(writer.append(samples[0].inserts(1), receiver: receiver))
            guard case .failed? = await receiver.result() else {
                Issue.record("a refused append was not reported as failed")
                return
            }
            #expect(store.log(of: samples[0].id).isEmpty)
        }
    }

    @Test func rowsThatOthersWroteUnderOurEpochAreNotTakenForOurs() async throws {
        try await withWriter { writer, store, samples in
            var twin = samples[0]
            let receiver = CollectingReceiver()
            #expect(writer.append(samples[0].inserts(1), receiver: receiver))
            #expect(await receiver.result() == .appended(through: Version(1)))
            #expect(writer.append(twin.append([twin.apply(.inserting("other"), id: "another")]), receiver: receiver))
            guard case .failed? = await receiver.result() else {
                Issue.record("another operation at the same version was reported as appended")
                return
            }
        }
    }
}

extension Delta {
    static func inserting(_ text: String) -> Delta {
        var delta = Delta()
        delta.insert(text)
        return delta
    }
}
