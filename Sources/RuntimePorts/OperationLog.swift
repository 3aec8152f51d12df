package import CollabModel
package import Delta
package import DocumentCore

/// A document's row in `document_ownership`.
package struct Ownership: Sendable, Hashable {
    package var epoch: Epoch
    /// Who raised the epoch; `nil` while nobody has owned the document.
    package var owner: NodeIdentity?
    /// Where that node was reached by its peers, so that it is found when Redis is gone.
    package var address: PeerAddress?
    /// The last version in the log.
    package var head: Version
    package init(epoch: Epoch, owner: NodeIdentity?, address: PeerAddress?, head: Version) {
        self.epoch = epoch
        self.owner = owner
        self.address = address
        self.head = head
    }
}

package enum TakeoverOutcome: Sendable, Hashable {
    /// The epoch was raised by this call; `head` is the exact end of the log.
    case taken(Epoch, head: Version)
    /// Another epoch than the believed one stands there.
    case superseded(Ownership)
    case noSuchDocument
}

/// Operations of one document to append, with consecutive versions.
package struct DocumentAppend: Sendable {
    package var document: DocumentID
    package var epoch: Epoch
    /// Never empty.
    package var operations: [CommittedOperation]
    package init(document: DocumentID, epoch: Epoch, operations: [CommittedOperation]) {
        self.document = document
        self.epoch = epoch
        self.operations = operations
    }
}

/// What became of one document's part of a batch.
package enum AppendOutcome: Sendable, Hashable {
    /// Committed with `synchronous_commit` on.
    case appended
    /// Nothing was written: the epoch or the head did not fit.
    case refused
}

package enum AppendError: Error, Sendable, CustomStringConvertible {
    /// The connection was lost with the statement outstanding: written or not, nobody knows.
    case outcomeUnknown(String)
    /// There is no connection, or the server has no room (53100): nothing was written, and the same rows can be sent later.
    case unavailable(String)
    /// The server refused the statement: nothing was written. `isTransient` for a deadlock (40P01) or a serialization failure.
    case failed(String, isTransient: Bool)

    package var description: String {
        switch self {
        case .outcomeUnknown(let message), .unavailable(let message), .failed(let message, _): message
        }
    }
}

/// The log of all documents, and who may write each (guarantees G1 and G5).
package protocol OperationLog: Sendable {
    /// How many appends can be outstanding side by side; a document always uses lane `hash % lanes`.
    var lanes: Int { get }
    /// Appends a batch of several documents in one statement; outcomes in the order of the batch. Returns after the commit.
    func append(_ batch: [DocumentAppend], lane: Int) async throws(AppendError) -> [AppendOutcome]
    /// Raises the epoch if it is the believed one. Does not wait for a lock that a dead or stopped owner left: ends that
    /// owner's connections and tries again.
    func takeOver(_ document: DocumentID, believed: Epoch, as owner: NodeIdentity, at address: PeerAddress)
        async throws(StoreUnavailable) -> TakeoverOutcome
    /// `nil`: no such document.
    func ownership(of document: DocumentID) async throws(StoreUnavailable) -> Ownership?
    /// Operations in `(after, through]` in order, at most `limit`; throws ``DamagedLog`` when a version is missing or unreadable.
    func operations(of document: DocumentID, after: Version, through: Version, limit: Int)
        async throws -> [CommittedOperation]
    /// The version that a client's operation made, if the log has it.
    func find(_ operation: OperationID, of client: ClientID, in document: DocumentID)
        async throws(StoreUnavailable) -> (version: Version, digest: Digest)?
    /// The client's operation with the highest version at or below `through`.
    func lastOperation(of client: ClientID, in document: DocumentID, through: Version)
        async throws(StoreUnavailable) -> OperationID?
}

/// The log or a snapshot is not what it must be (guarantee G8).
package struct DamagedLog: Error, Sendable, CustomStringConvertible {
    package var document: DocumentID
    package var message: String
    package init(document: DocumentID, message: String) {
        self.document = document
        self.message = message
    }
    package var description: String { "document \(document): \(message)" }
}
