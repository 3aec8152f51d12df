import CollabModel
import PeerProtocol
import RuntimePorts
import Synchronization

func node(_ number: Int, incarnation: Int64 = 1, isDraining: Bool = false) -> NodeRecord {
    NodeRecord(
        id: NodeID("node-\(number)")!, incarnation: Incarnation(incarnation),
        peerAddress: PeerAddress(host: "127.0.0.1", port: 4_000 + number),
        publicURL: "http://127.0.0.1:300\(number)", isDraining: isDraining, ownedDocuments: 2, sessions: 3)
}

func document(_ number: UInt64) -> DocumentID { DocumentID(Identifier128(high: number, low: 7)) }

func owned(
    _ number: UInt64, epoch: Int64 = 1, version: Int64 = 9, operations: Int = 0, sessions: Int = 1
) -> NodeReport.Document {
    NodeReport.Document(
        document: document(number), epoch: Epoch(epoch), version: Version(version), sessions: sessions,
        operations: operations)
}

func failover(_ number: UInt64, epoch: Int64, from: Int = 1, to: Int = 2, at: Int64 = 1_000) -> OwnershipChange {
    OwnershipChange(
        document: document(number), epoch: Epoch(epoch), version: Version(9), cause: .refused, from: node(from).id,
        to: node(to).id, atMilliseconds: at, takeoverMicroseconds: 12_000)
}

func answer(
    _ record: NodeRecord, window: Int = 1_000, operations: Int = 0, documents: [NodeReport.Document] = [],
    changes: [OwnershipChange] = [], gaps: [OwnerlessGap] = []
) -> MemberReport {
    MemberReport(
        record: record,
        answer: .report(
            NodeReport(
                record: record, startedAtMilliseconds: 500, windowMilliseconds: window, operations: operations,
                processorMicroseconds: 250_000, residentBytes: 1 << 20, documents: documents, changes: changes,
                gaps: gaps)))
}

/// Members that answer what a test says.
final class FakeReports: ClusterReports {
    let answers = Mutex<[MemberReport]>([])
    let asked = Mutex(0)

    func reports(_ query: ReportQuery, within timeout: Duration) async -> [MemberReport] {
        asked.withLock { $0 += 1 }
        return answers.withLock { $0 }
    }
}

/// A database whose titles are told when the test says so.
final class FakeStore: OperatorStore {
    let isAvailable = Mutex(true)
    /// Documents that it does not have.
    let deleted = Mutex<Set<DocumentID>>([])
    /// The documents of each question for titles.
    let asked = Mutex<[[DocumentID]]>([])

    func titles(of documents: [DocumentID]) async throws(StoreUnavailable) -> [DocumentID: String] {
        guard isAvailable.withLock({ $0 }) else { throw StoreUnavailable("gone") }
        asked.withLock { $0.append(documents) }
        let known = documents.filter { document in deleted.withLock { !$0.contains(document) } }
        return Dictionary(uniqueKeysWithValues: known.map { ($0, "Title \($0.value.high)") })
    }
    func documents(matching text: String, limit: Int) async throws(StoreUnavailable) -> [DocumentRecord] { [] }
    func timeline(
        of document: DocumentID, _ bounds: TimelineBounds
    ) async throws(StoreUnavailable) -> DocumentTimeline? { nil }
}

/// A clock that stands until it is moved, and whose sleepers wake when they are cancelled.
final class StandingClock: RuntimeClock {
    let milliseconds = Mutex<Int64>(1_000_000)
    func monotonicMicroseconds() -> Int64 { milliseconds.withLock { $0 * 1_000 } }
    func wallMicroseconds() -> Int64 { milliseconds.withLock { $0 * 1_000 } }
    func sleep(for duration: Duration) async throws {
        let (stream, _) = AsyncStream<Void>.makeStream()
        for await _ in stream {}
        throw CancellationError()
    }
}

/// A console that keeps what it is sent, and lets a test wait for it.
final class FakeConsole: ConsoleOutbox {
    let ready = Mutex(true)
    private let messages: AsyncStream<[UInt8]>
    private let continuation: AsyncStream<[UInt8]>.Continuation

    init() { (messages, continuation) = AsyncStream.makeStream() }

    var isReady: Bool { ready.withLock { $0 } }
    func send(_ message: [UInt8]) { continuation.yield(message) }
    func next() async -> [UInt8]? {
        var iterator = messages.makeAsyncIterator()
        return await iterator.next()
    }
}
