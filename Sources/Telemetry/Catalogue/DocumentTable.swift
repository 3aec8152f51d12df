internal import CollabModel
internal import RuntimePorts
internal import Synchronization

/// What this node knows of each document that it owns, of which only the busiest are scraped one by one.
///
/// A label per document would be as many series as there are documents. So a scrape shows the busiest, and counts the
/// operations of all the rest under one label. A document that comes among the busiest begins there at 0, and what it
/// had before stays with the rest; what it had since its last scrape when it leaves them goes to the rest. So no counter
/// ever falls, and with one scraper a rate over all series is the rate of the node.
///
/// Each document that was ever listed is a series that the scraper keeps. So who is busiest is decided by the clock,
/// however often and by however many it is scraped, by operations that count half as much a ``listingPeriod`` later; and
/// a listed document gives its place only to one that is more than ``displacement`` times as busy. A place that is free
/// is taken at the next scrape.
package final class DocumentTable: Sendable {
    /// How many documents a scrape shows.
    package static let scrapedDocuments = 50
    /// The time between two decisions who is listed.
    static let listingPeriod: Duration = .seconds(30)
    /// How many times as busy a document must be that takes the place of another.
    static let displacement = 2.0
    /// The label of all other documents.
    static let otherDocuments = "other"

    struct Entry: Sendable {
        var version: Version
        var epoch: Epoch
        var sessions: Int
        /// Since it is listed.
        var operations: Int64 = 0
        /// How many of these the last scrape has shown.
        var shown: Int64 = 0
        var isListed = false
        /// Recent operations; older ones count less.
        var activity = 0.0
        /// The order of changes; larger is later.
        var change: UInt64
    }

    private struct Shard: Sendable {
        var entries: [DocumentID: Entry] = [:]
        /// The operations of documents while they were not listed, and those that left the list before they were shown.
        var others: Int64 = 0

        /// Lists a document, or ends that; nothing if it is so already.
        mutating func list(_ index: Dictionary<DocumentID, Entry>.Index, _ isListed: Bool) {
            guard entries.values[index].isListed != isListed else { return }
            if !isListed { others += entries.values[index].operations - entries.values[index].shown }
            entries.values[index].isListed = isListed
            entries.values[index].operations = 0
            entries.values[index].shown = 0
        }

        mutating func remove(_ document: DocumentID) {
            guard let entry = entries.removeValue(forKey: document), entry.isListed else { return }
            others += entry.operations - entry.shown
        }

        /// The listed documents, whose operations count as shown from now on.
        mutating func show() -> [(document: DocumentID, entry: Entry)] {
            var listed: [(document: DocumentID, entry: Entry)] = []
            for index in entries.indices where entries.values[index].isListed {
                entries.values[index].shown = entries.values[index].operations
                listed.append((entries.keys[index], entries.values[index]))
            }
            return listed
        }
    }

    /// Documents are spread over several locks, since every owner comes here after each turn.
    private let shards: [ShardCell]
    private let changes = Atomic<UInt64>(0)
    private let clock: any RuntimeClock
    /// When it was decided who is listed, in monotonic microseconds; held while it is decided anew.
    private let decidedAt: Mutex<Int64>

    private final class ShardCell: Sendable {
        let shard = Mutex(Shard())
    }

    init(clock: any RuntimeClock) {
        shards = (0..<16).map { _ in ShardCell() }
        self.clock = clock
        decidedAt = Mutex(clock.monotonicMicroseconds())
    }

    /// Notes a document's state. What was committed since the last note is counted as operations.
    func note(_ document: DocumentID, version: Version, epoch: Epoch, sessions: Int) {
        let change = changes.wrappingAdd(1, ordering: .relaxed).newValue
        cell(of: document).shard.withLock { shard in
            guard let index = shard.entries.index(forKey: document) else {
                shard.entries[document] = Entry(
                    version: version, epoch: epoch, sessions: sessions, change: change)
                return
            }
            let committed = max(0, shard.entries.values[index].version.distance(to: version))
            shard.entries.values[index].version = version
            shard.entries.values[index].epoch = epoch
            shard.entries.values[index].sessions = sessions
            shard.entries.values[index].change = change
            guard committed > 0 else { return }
            shard.entries.values[index].activity += Double(committed)
            if shard.entries.values[index].isListed {
                shard.entries.values[index].operations += Int64(committed)
            } else {
                shard.others += Int64(committed)
            }
        }
    }

    /// Forgets a document that this node owns no more.
    func forget(_ document: DocumentID) {
        cell(of: document).shard.withLock { $0.remove(document) }
    }

    /// Returns the listed documents ordered by id, for a scrape: what is returned of their operations counts as shown.
    func list() -> [(document: DocumentID, entry: Entry)] {
        decide()
        return shards.flatMap { $0.shard.withLock { $0.show() } }.sorted { $0.document < $1.document }
    }

    /// Decides anew who is listed if it is time, and else only who takes the free places.
    private func decide() {
        decidedAt.withLock { decidedAt in
            let now = clock.monotonicMicroseconds()
            let periods = Int(Duration.microseconds(now - decidedAt) / Self.listingPeriod)
            let isDue = periods >= 1
            let (documents, listed) = shards.reduce((0, 0)) { sum, cell in
                cell.shard.withLock { (sum.0 + $0.entries.count, sum.1 + $0.entries.values.count { $0.isListed }) }
            }
            guard isDue || (listed < Self.scrapedDocuments && listed < documents) else { return }
            let chosen = busiest(displaces: isDue)
            let fading = Double(sign: .plus, exponent: -min(periods, 1_000), significand: 1)
            for cell in shards {
                cell.shard.withLock { shard in
                    for index in shard.entries.indices {
                        shard.list(index, chosen.contains(shard.entries.keys[index]))
                        shard.entries.values[index].activity *= fading
                    }
                }
            }
            if isDue { decidedAt = now }
        }
    }

    /// The documents to list: the busiest, of equally busy ones those that are listed and then those that changed last.
    ///
    /// - Parameter displaces: whether a document may take the place of one that is listed.
    private func busiest(displaces: Bool) -> Set<DocumentID> {
        let all = shards.flatMap { cell in
            cell.shard.withLock { $0.entries.map { (document: $0.key, entry: $0.value) } }
        }
        func rank(_ entry: Entry) -> (Double, Int, UInt64) {
            guard entry.isListed else { return (entry.activity, 0, entry.change) }
            return (displaces ? entry.activity * Self.displacement : .infinity, 1, entry.change)
        }
        return Set(all.sorted { rank($0.entry) > rank($1.entry) }.prefix(Self.scrapedDocuments).map(\.document))
    }

    /// How many of the documents have sessions, on whatever node.
    var activeDocuments: Int {
        shards.reduce(0) { sum, cell in
            sum + cell.shard.withLock { shard in shard.entries.values.count { $0.sessions > 0 } }
        }
    }

    /// The operations of documents while they were not listed, and those that left the list before they were shown.
    var otherOperations: Int64 { shards.reduce(0) { sum, cell in sum + cell.shard.withLock { $0.others } } }

    /// How many sessions the documents have that are not listed.
    private func otherSessions(_ listed: [(document: DocumentID, entry: Entry)]) -> Int {
        let all = shards.reduce(0) { sum, cell in
            sum + cell.shard.withLock { $0.entries.values.reduce(0) { $0 + $1.sessions } }
        }
        return max(0, all - listed.reduce(0) { $0 + $1.entry.sessions })
    }

    /// Writes the series of the listed documents and of the rest.
    func write(to exposition: inout Exposition) {
        let documents = list()
        func write(
            _ name: String, _ help: String, _ kind: MetricFamily.Kind, others: Double?, _ value: (Entry) -> Double
        ) {
            guard !documents.isEmpty || others != nil else { return }
            exposition.begin(name, help, kind)
            for (document, entry) in documents {
                exposition.sample(
                    name, labels: Exposition.labels([("document_id", document.description)]), value(entry))
            }
            guard let others else { return }
            exposition.sample(name, labels: Exposition.labels([("document_id", Self.otherDocuments)]), others)
        }
        write(
            "collab_document_version", "Newest durable version of the busiest documents, at their owner.", .gauge,
            others: nil
        ) { Double($0.version.value) }
        write("collab_document_epoch", "Epoch of the busiest documents, at their owner.", .gauge, others: nil) {
            Double($0.epoch.value)
        }
        write(
            "collab_document_operations_total",
            "Operations of the busiest documents since they are among them, and of all others, at their owner.",
            .counter, others: Double(otherOperations)
        ) { Double($0.operations) }
        write(
            "collab_document_sessions", "Sessions on all nodes of the busiest documents, and of all others.", .gauge,
            others: Double(otherSessions(documents))
        ) { Double($0.sessions) }
    }

    private func cell(of document: DocumentID) -> ShardCell {
        shards[Int(UInt(bitPattern: document.hashValue) % UInt(shards.count))]
    }
}
