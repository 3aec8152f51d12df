package import CollabModel

/// A document with operations that were not published.
package struct UnpublishedDocument: Sendable, Hashable {
    package var document: DocumentID
    /// The last durable version.
    package var head: Version
    /// Up to which version it was published.
    package var published: Version
    /// Who owns it, or did last.
    package var owner: NodeIdentity?
    package init(document: DocumentID, head: Version, published: Version, owner: NodeIdentity?) {
        self.document = document
        self.head = head
        self.published = published
        self.owner = owner
    }
}

/// How far each document's operations have been published, kept beside the log.
package protocol ChangePositions: Sendable {
    /// The last version of each document that was published; documents of which none was are missing.
    func published(of documents: [DocumentID]) async throws(StoreUnavailable) -> [DocumentID: Version]
    /// Moves positions forward. One that is further already stays, and a document that is gone is passed over.
    func setPublished(_ positions: [DocumentID: Version]) async throws(StoreUnavailable)
    /// Looks at the documents in the order of their ids, at most `limit` of them and from behind `document` on, and gives
    /// those with operations that were not published, and behind which document to go on (`nil`: it was the last).
    func unpublished(after document: DocumentID?, limit: Int) async throws(StoreUnavailable)
        -> (documents: [UnpublishedDocument], next: DocumentID?)
}
