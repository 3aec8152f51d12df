package import CollabModel
package import Delta

/// A document's content at a version.
package struct Snapshot: Sendable {
    package var version: Version
    /// A JSON array of ops in UTF-8.
    package var encodedContent: [UInt8]
    package var digest: Digest
    package init(version: Version, encodedContent: [UInt8], digest: Digest) {
        self.version = version
        self.encodedContent = encodedContent
        self.digest = digest
    }
}

/// Checkpoints from which a document is loaded; the log has everything since.
package protocol SnapshotStore: Sendable {
    /// The newest snapshot at or below the version that has not been set aside. Every document has one at version 0.
    func latest(of document: DocumentID, atOrBelow version: Version) async throws(StoreUnavailable) -> Snapshot?
    /// Writes a snapshot; one that exists is left as it is.
    func write(_ snapshot: Snapshot, of document: DocumentID) async throws(StoreUnavailable)
    /// Marks a snapshot as corrupt, so that ``latest(of:atOrBelow:)`` passes over it.
    func setAside(_ document: DocumentID, version: Version, reason: String) async throws(StoreUnavailable)
}
