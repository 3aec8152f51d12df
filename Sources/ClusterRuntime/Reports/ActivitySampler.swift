import CollabModel
import PeerProtocol
import RuntimePorts
import Synchronization

/// What the node does, between one look of an operator and the next. Nothing is kept up while nobody asks: a rate is
/// the difference of two looks.
final class ActivitySampler: Sendable {
    /// What has happened since the look before.
    struct Activity: Sendable {
        var windowMilliseconds = 0
        var operations = 0
        var processorMicroseconds: Int64 = 0
        var residentBytes: Int64 = 0
        /// The busiest documents first, ``NodeReport/documentsAtMost`` at most.
        var documents: [NodeReport.Document] = []
    }

    /// An owned document as it is now.
    struct Figure: Sendable {
        var document: DocumentID
        var epoch: Epoch
        var version: Version
        var sessions: Int
    }

    private struct Look {
        var at: Int64
        var processorMicroseconds: Int64
        var versions: [DocumentID: Version]
        var activity: Activity
    }

    /// Looks within this share one answer, so that several consoles cost what one costs.
    private static let freshMicroseconds: Int64 = 500_000
    /// A look before this is too old to be compared with.
    private static let forgottenMicroseconds: Int64 = 10_000_000

    private let clock: any RuntimeClock
    private let processUsage: @Sendable () -> ProcessUsage
    private let last = Mutex<Look?>(nil)
    let startedAtMilliseconds: Int64

    init(clock: any RuntimeClock, processUsage: @escaping @Sendable () -> ProcessUsage) {
        self.clock = clock
        self.processUsage = processUsage
        startedAtMilliseconds = clock.wallMicroseconds() / 1_000
    }

    /// Looks, unless somebody has just looked. `figures` are those of all owned documents.
    func look(_ figures: () -> [Figure]) -> Activity {
        let now = clock.monotonicMicroseconds()
        let before = last.withLock { $0 }
        if let before, now - before.at < Self.freshMicroseconds { return before.activity }
        let comparable = before.flatMap { now - $0.at < Self.forgottenMicroseconds ? $0 : nil }
        let usage = processUsage()
        var activity = Activity(residentBytes: usage.residentBytes)
        if let comparable {
            activity.windowMilliseconds = Int((now - comparable.at) / 1_000)
            activity.processorMicroseconds = max(0, usage.processorMicroseconds - comparable.processorMicroseconds)
        }
        var versions: [DocumentID: Version] = [:]
        var busiest = Busiest(limit: NodeReport.documentsAtMost)
        for figure in figures() {
            versions[figure.document] = figure.version
            let known = comparable?.versions[figure.document]
            let operations = known.map { max(0, $0.distance(to: figure.version)) } ?? 0
            activity.operations += operations
            busiest.insert(
                NodeReport.Document(
                    document: figure.document, epoch: figure.epoch, version: figure.version,
                    sessions: figure.sessions, operations: operations))
        }
        activity.documents = busiest.documents
        let look = Look(
            at: now, processorMicroseconds: usage.processorMicroseconds, versions: versions, activity: activity)
        last.withLock { $0 = look }
        return activity
    }
}

/// The busiest of any number of documents, in order: by operations, then sessions, then id.
struct Busiest {
    private(set) var documents: [NodeReport.Document] = []
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    mutating func insert(_ document: NodeReport.Document) {
        if documents.count == limit {
            guard let last = documents.last, Self.precedes(document, last) else { return }
            documents.removeLast()
        }
        var (low, high) = (0, documents.count)
        while low < high {
            let middle = (low + high) / 2
            if Self.precedes(documents[middle], document) { low = middle + 1 } else { high = middle }
        }
        documents.insert(document, at: low)
    }

    private static func precedes(_ left: NodeReport.Document, _ right: NodeReport.Document) -> Bool {
        (right.operations, right.sessions, left.document) < (left.operations, left.sessions, right.document)
    }
}
