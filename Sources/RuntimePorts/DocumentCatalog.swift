package import CollabModel
package import Delta

/// What a list of documents shows of one.
package struct DocumentRecord: Sendable, Hashable {
    package var id: DocumentID
    package var title: String
    package var owner: UserID
    /// The last durable version.
    package var version: Version
    /// Milliseconds since 1970.
    package var createdAtMilliseconds: Int64
    package var updatedAtMilliseconds: Int64
    package init(
        id: DocumentID, title: String, owner: UserID, version: Version, createdAtMilliseconds: Int64,
        updatedAtMilliseconds: Int64
    ) {
        self.id = id
        self.title = title
        self.owner = owner
        self.version = version
        self.createdAtMilliseconds = createdAtMilliseconds
        self.updatedAtMilliseconds = updatedAtMilliseconds
    }
}

/// One page of a list; `next` continues it and is opaque.
package struct Page<Item: Sendable>: Sendable {
    package var items: [Item]
    package var next: String?
    package init(items: [Item], next: String?) {
        self.items = items
        self.next = next
    }
}

package enum CatalogError: Error, Sendable {
    case unavailable(String)
    /// A document with this id exists.
    case exists
    /// The cursor was not made by this catalog.
    case invalidCursor
}

/// The documents that there are.
package protocol DocumentCatalog: Sendable {
    /// Creates the document, its ownership row at epoch 0 and its snapshot at version 0 in one transaction.
    func create(_ document: DocumentID, title: String, owner: UserID, content: DocumentContent)
        async throws(CatalogError) -> DocumentRecord
    /// Gives a document another title; its time of change is now. `nil`: there is no such document.
    func rename(_ document: DocumentID, to title: String) async throws(CatalogError) -> DocumentRecord?
    func record(of document: DocumentID) async throws(CatalogError) -> DocumentRecord?
    /// Documents by descending time of change, then id.
    func list(limit: Int, after cursor: String?) async throws(CatalogError) -> Page<DocumentRecord>
}
