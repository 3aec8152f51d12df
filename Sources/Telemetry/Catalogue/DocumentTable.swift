internal import CollabModel
internal import Synchronization

/// What this node knows of each document that it owns, of which only the busiest are scraped one by one.
///
/// A label per document would be as many series as there are documents. So a scrape shows the busiest, and counts the
/// operations of all the rest under one label. A document that comes among the busiest begins there at 0, and what it
/// had before stays with the rest: no counter ever falls, and a rate over all series is the rate of the node.
///
/// Who is busiest is decided at a scrape, by operations that count half as much at each later one.
package final class DocumentTable: Sendable {
    /// How many documents a scrape shows.
    package static let scrapedDocuments = 50
    /// The label of all other documents.
    static let otherDocuments = "other"

    struct Entry: Sendable {
        var version: Version
        var epoch: Epoch
        var sessions: Int
        /// Since it is listed.
        var operations: Int64 = 0
        var isListed = false
        /// Recent operations; older ones count less.
        var activity = 0.0
        /// The order of changes; larger is later.
        var change: UInt64
    }

    private struct Shard: Sendable {
        var entries: [DocumentID: Entry] = [:]
        /// The operations of documents while they were not listed.
        var others: Int64 = 0
    }

    /// Documents are spread over several locks, since every owner comes here after each turn.
    private let shards: [ShardCell]
    private let changes = Atomic<UInt64>(0)

    private final class ShardCell: Sendable {
        let shard = Mutex(Shard())
    }

    init() { shards = (0..<16).map { _ in ShardCell() } }

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
        cell(of: document).shard.withLock { _ = $0.entries.removeValue(forKey: document) }
    }

    /// Lists the busiest documents, of equally busy ones those that changed last, and returns them ordered by id.
    func list() -> [(document: DocumentID, entry: Entry)] {
        let all = shards.flatMap { $0.shard.withLock { Array($0.entries) } }
        let busiest = all.sorted { ($0.value.activity, $0.value.change) > ($1.value.activity, $1.value.change) }
            .prefix(Self.scrapedDocuments)
        let listed = Set(busiest.map(\.key))
        for cell in shards {
            cell.shard.withLock { shard in
                for index in shard.entries.indices {
                    let isListed = listed.contains(shard.entries.keys[index])
                    if isListed != shard.entries.values[index].isListed {
                        shard.entries.values[index].isListed = isListed
                        shard.entries.values[index].operations = 0
                    }
                    shard.entries.values[index].activity /= 2
                }
            }
        }
        return busiest.map { (document: $0.key, entry: $0.value) }.sorted { $0.document < $1.document }
    }

    /// How many of the documents have sessions, on whatever node.
    var activeDocuments: Int {
        shards.reduce(0) { sum, cell in
            sum + cell.shard.withLock { shard in shard.entries.values.count { $0.sessions > 0 } }
        }
    }

    /// The operations of documents while they were not listed.
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
