import CollabModel
import PeerProtocol
import RuntimePorts
import Synchronization

/// Consoles that a test speaks to; so many at most.
final class FakeConsoleHost: ConsoleHost {
    private struct State {
        var open: [ConsoleToken: any ConsoleOutbox] = [:]
        var lastToken: UInt64 = 0
    }

    let atMost: Int
    private let state = Mutex(State())
    private let changes: AsyncStream<Int>
    private let changed: AsyncStream<Int>.Continuation

    init(atMost: Int = 4) {
        self.atMost = atMost
        (changes, changed) = AsyncStream.makeStream()
    }

    func open(_ outbox: any ConsoleOutbox) -> ConsoleToken? {
        state.withLock { state in
            guard state.open.count < atMost else { return nil }
            state.lastToken += 1
            state.open[ConsoleToken(state.lastToken)] = outbox
            changed.yield(state.open.count)
            return ConsoleToken(state.lastToken)
        }
    }

    func close(_ token: ConsoleToken) {
        state.withLock { state in
            state.open[token] = nil
            changed.yield(state.open.count)
        }
    }

    /// Waits until so many are open.
    func whenOpen(_ count: Int) async {
        for await open in changes where open == count { return }
    }

    var consoles: [any ConsoleOutbox] { state.withLock { Array($0.open.values) } }
}

/// What operators ask of a database with one document.
struct MemoryOperators: OperatorStore {
    static let snapshot = SnapshotRecord(version: Version(4), createdAtMilliseconds: 2_000)

    func titles(of documents: [DocumentID]) async throws(StoreUnavailable) -> [DocumentID: String] { [:] }

    func documents(matching text: String, limit: Int) async throws(StoreUnavailable) -> [DocumentRecord] {
        guard text != "down" else { throw StoreUnavailable("down") }
        guard text == "plan", let id = DocumentID(TestEdge.document), let owner = UserID("ann") else { return [] }
        return [
            DocumentRecord(
                id: id, title: "Plan", owner: owner, version: Version(9), createdAtMilliseconds: 0,
                updatedAtMilliseconds: 1_000)
        ]
    }

    func timeline(
        of document: DocumentID, _ bounds: TimelineBounds
    ) async throws(StoreUnavailable) -> DocumentTimeline? {
        guard document.description == TestEdge.document, let node = NodeID("n2") else { return nil }
        return DocumentTimeline(
            title: "Plan", createdAtMilliseconds: 0, epoch: Epoch(5), version: Version(9),
            owner: NodeIdentity(node: node, incarnation: Incarnation(8)), ownedSinceMilliseconds: 9_000,
            epochs: [
                EpochRecord(
                    epoch: Epoch(5), firstVersion: Version(7), lastVersion: Version(9), firstAtMilliseconds: 9_500,
                    lastAtMilliseconds: 9_900),
                EpochRecord(
                    epoch: Epoch(3), firstVersion: Version(1), lastVersion: Version(6), firstAtMilliseconds: 1_000,
                    lastAtMilliseconds: 3_000),
            ], snapshots: [Self.snapshot],
            activity: ActivityRecord(fromMilliseconds: 1_000, stepMilliseconds: 1_000, operations: [6, 0, 3]))
    }
}

/// Two nodes: one remembers how it became the owner, one how long its sessions waited.
struct FakeReports: ClusterReports {
    func reports(_ query: ReportQuery, within timeout: Duration) async -> [MemberReport] {
        guard let document = query.history, let first = NodeID("n1"), let second = NodeID("n2") else { return [] }
        func answer(_ id: NodeID, _ changes: [OwnershipChange], _ gaps: [OwnerlessGap]) -> MemberReport {
            let record = NodeRecord(
                id: id, incarnation: Incarnation(1), peerAddress: PeerAddress(host: "127.0.0.1", port: 1),
                publicURL: "http://127.0.0.1:3001")
            return MemberReport(
                record: record,
                answer: .report(
                    NodeReport(
                        record: record, startedAtMilliseconds: 0, windowMilliseconds: 0, operations: 0,
                        processorMicroseconds: 0, residentBytes: 0, documents: [], changes: changes, gaps: gaps)))
        }
        let change = OwnershipChange(
            document: document, epoch: Epoch(5), version: Version(6), cause: .expired, from: first, to: second,
            atMilliseconds: 9_000, takeoverMicroseconds: 11_000)
        return [
            answer(first, [], [OwnerlessGap(document: document, lostEpoch: Epoch(4), microseconds: 70_000)]),
            answer(second, [change], []),
        ]
    }
}
