import CollabModel
import PeerProtocol
import RuntimePorts
import Synchronization
import Testing

@testable import ClusterRuntime

/// A clock that a test moves.
private final class SetClock: RuntimeClock {
    let microseconds = Mutex<Int64>(0)
    func monotonicMicroseconds() -> Int64 { microseconds.withLock { $0 } }
    func wallMicroseconds() -> Int64 { microseconds.withLock { $0 } }
    func sleep(for duration: Duration) async throws {}
    func advance(milliseconds: Int64) { microseconds.withLock { $0 += milliseconds * 1_000 } }
}

/// What a process has used, set by a test.
private final class SetUsage: Sendable {
    let microseconds = Mutex<Int64>(0)
}

private func document(_ number: UInt64) -> DocumentID { DocumentID(Identifier128(high: number, low: 0)) }

private func figure(_ number: UInt64, _ version: Int64, sessions: Int = 0) -> ActivitySampler.Figure {
    .init(document: document(number), epoch: Epoch(1), version: Version(version), sessions: sessions)
}

@Suite struct ActivitySamplerTests {
    private let clock = SetClock()
    private let processor = SetUsage()

    private func sampler() -> ActivitySampler {
        ActivitySampler(clock: clock) { [processor] in
            ProcessUsage(processorMicroseconds: processor.microseconds.withLock { $0 }, residentBytes: 7)
        }
    }

    @Test func `the first look has nothing to compare with`() {
        let activity = sampler().look { [figure(1, 50)] }
        #expect(activity.windowMilliseconds == 0)
        #expect(activity.operations == 0)
        #expect(activity.residentBytes == 7)
    }

    @Test func `a look counts what became durable since the one before`() {
        let sampler = sampler()
        _ = sampler.look { [figure(1, 50), figure(2, 8)] }
        clock.advance(milliseconds: 1_000)
        processor.microseconds.withLock { $0 += 300 }
        let activity = sampler.look { [figure(1, 53), figure(2, 8), figure(3, 1_000)] }
        #expect(activity.windowMilliseconds == 1_000)
        #expect(activity.processorMicroseconds == 300)
        // A document that is new here had its operations elsewhere.
        #expect(activity.operations == 3)
        #expect(activity.documents.first?.document == document(1))
        #expect(activity.documents.first?.operations == 3)
    }

    @Test func `looks at the same time share one answer and ask no owner`() {
        let sampler = sampler()
        _ = sampler.look { [figure(1, 50)] }
        clock.advance(milliseconds: 400)
        var asked = false
        _ = sampler.look {
            asked = true
            return []
        }
        #expect(!asked)
    }

    @Test func `after a long time without a look there is nothing to compare with`() {
        let sampler = sampler()
        _ = sampler.look { [figure(1, 50)] }
        clock.advance(milliseconds: 10_001)
        #expect(sampler.look { [figure(1, 90)] }.windowMilliseconds == 0)
    }

    @Test func `of many documents the busiest are told, in order`() {
        let sampler = sampler()
        let numbers = Array(1...1_000 as ClosedRange<UInt64>)
        _ = sampler.look { numbers.map { figure($0, 0) } }
        clock.advance(milliseconds: 1_000)
        // Scattered, so that no order of arrival gives the right answer by itself.
        let scattered = numbers.map { $0 * 617 % 1_009 }
        let activity = sampler.look {
            zip(numbers, scattered).map { figure($0, Int64($1), sessions: Int($0 % 3)) }
        }
        let busiest = scattered.sorted(by: >).prefix(NodeReport.documentsAtMost).map { Int($0) }
        #expect(activity.documents.map(\.operations) == busiest)
        #expect(activity.operations == Int(scattered.reduce(0, +)))
    }
}

@Suite struct OwnershipChangesTests {
    private func change(_ number: UInt64, epoch: Int64 = 1, _ reason: Activator.Reason) -> OwnershipChange {
        OwnershipChange(
            document: document(number), epoch: Epoch(epoch), version: .initial, reason, to: NodeID("b")!,
            atMilliseconds: 5, takeoverMicroseconds: 6)
    }

    private let former = NodeIdentity(node: NodeID("a")!, incarnation: Incarnation(1))

    @Test func `why a node became the owner says the cause and the former owner`() {
        #expect(change(1, .opened(nil)).cause == .opened)
        #expect(change(1, .opened(nil)).from == nil)
        #expect(change(1, .opened(.expired(former, Epoch(1)))).cause == .expired)
        #expect(change(1, .opened(.unreachable(former, Epoch(1)))).from == former.node)
        #expect(change(1, .handedOver(Epoch(1), by: former.node)).cause == .handOff)
        #expect(change(1, .handedOver(Epoch(1), by: former.node)).from == former.node)
    }

    @Test func `the latest moves are remembered, and openings do not push them out`() {
        let changes = OwnershipChanges()
        changes.note(change(1, .handedOver(Epoch(1), by: former.node)))
        for number in 1...1_000 as ClosedRange<UInt64> { changes.note(change(number, .opened(nil))) }
        #expect(changes.recall(nil).changes.map(\.document) == [document(1)])
        for number in 2...500 as ClosedRange<UInt64> {
            changes.note(change(number, .handedOver(Epoch(1), by: former.node)))
        }
        let recalled = changes.recall(nil).changes
        #expect(recalled.count == NodeReport.changesAtMost)
        #expect(recalled.last?.document == document(500))
    }

    @Test func `everything about one document is told in the order of its epochs`() {
        let changes = OwnershipChanges()
        changes.note(change(1, epoch: 4, .opened(nil)))
        changes.note(change(2, epoch: 5, .opened(nil)))
        changes.note(change(1, epoch: 6, .opened(.refused(former, Epoch(5)))))
        changes.note(change(1, epoch: 5, .handedOver(Epoch(4), by: former.node)))
        changes.note(OwnerlessGap(document: document(1), lostEpoch: Epoch(5), microseconds: 9))
        changes.note(OwnerlessGap(document: document(2), lostEpoch: Epoch(5), microseconds: 9))
        #expect(changes.recall(document(1)).changes.map(\.epoch) == [Epoch(4), Epoch(5), Epoch(6)])
        #expect(changes.recall(document(1)).gaps.count == 1)
    }
}
