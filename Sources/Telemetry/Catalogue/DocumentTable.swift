internal import CollabModel
internal import Synchronization

/// The newest version and epoch of each document that this node owns, of which only the busiest are scraped.
///
/// A label per document would be as many series as there are documents. The table is as large as the set of owned
/// documents, and a scrape shows the ones that changed last.
package final class DocumentTable: Sendable {
    /// How many documents a scrape shows.
    package static let scrapedDocuments = 50

    struct Entry: Sendable {
        var version: Version
        var epoch: Epoch
        /// The order of changes within the shard; larger is later.
        var change: UInt64
    }

    private struct Shard: Sendable {
        var entries: [DocumentID: Entry] = [:]
    }

    /// Documents are spread over several locks, since every owner comes here after each turn.
    private let shards: [ShardCell]
    private let changes = Atomic<UInt64>(0)

    private final class ShardCell: Sendable {
        let shard = Mutex(Shard())
    }

    init() { shards = (0..<16).map { _ in ShardCell() } }

    /// Notes a document's state.
    func note(_ document: DocumentID, version: Version, epoch: Epoch) {
        let change = changes.wrappingAdd(1, ordering: .relaxed).newValue
        cell(of: document).shard.withLock {
            $0.entries[document] = Entry(version: version, epoch: epoch, change: change)
        }
    }

    /// Forgets a document that this node owns no more.
    func forget(_ document: DocumentID) {
        cell(of: document).shard.withLock { _ = $0.entries.removeValue(forKey: document) }
    }

    /// The documents that changed last, ordered by id.
    var recent: [(document: DocumentID, entry: Entry)] {
        let all = shards.flatMap { $0.shard.withLock { Array($0.entries) } }
        let newest = all.sorted { $0.value.change > $1.value.change }.prefix(Self.scrapedDocuments)
        return newest.map { (document: $0.key, entry: $0.value) }.sorted { $0.document < $1.document }
    }

    /// Writes the two gauges.
    func write(to exposition: inout Exposition) {
        let documents = recent
        guard !documents.isEmpty else { return }
        exposition.begin(
            "collab_document_version", "Newest durable version of the documents that changed last, at their owner.",
            .gauge)
        for (document, entry) in documents {
            exposition.sample(
                "collab_document_version", labels: Exposition.labels([("document_id", document.description)]),
                Double(entry.version.value))
        }
        exposition.begin(
            "collab_document_epoch", "Epoch of the documents that changed last, at their owner.", .gauge)
        for (document, entry) in documents {
            exposition.sample(
                "collab_document_epoch", labels: Exposition.labels([("document_id", document.description)]),
                Double(entry.epoch.value))
        }
    }

    private func cell(of document: DocumentID) -> ShardCell {
        shards[Int(UInt(bitPattern: document.hashValue) % UInt(shards.count))]
    }
}
