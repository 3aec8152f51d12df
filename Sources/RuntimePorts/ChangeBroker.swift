package import CollabModel
package import DocumentCore

/// One durable operation of a document, as the change feed tells it.
package struct Change: Sendable, Hashable {
    package var document: DocumentID
    package var operation: CommittedOperation
    package init(document: DocumentID, operation: CommittedOperation) {
        self.document = document
        self.operation = operation
    }
}

/// A queue of the broker.
package struct QueueDepth: Sendable, Hashable {
    package var name: String
    /// Messages that are ready for a consumer.
    package var messages: Int
    package init(name: String, messages: Int) {
        self.name = name
        self.messages = messages
    }
}

/// The broker could not be asked, or did not confirm: what was sent may have reached it or not.
package struct BrokerUnavailable: Error, Sendable, CustomStringConvertible {
    package var reason: String
    package init(_ reason: String) { self.reason = reason }
    package var description: String { reason }
}

/// The message broker, to which the change feed goes (the architecture's "RabbitMQ"; the reference's "Message queue").
///
/// Nothing on the way of an edit waits for it.
package protocol ChangeBroker: Sendable {
    /// Publishes changes in their order, and returns when the broker has taken every one of them over: they then survive
    /// its restart wherever a durable queue is bound.
    ///
    /// A change that is sent again is the same message, with the same id.
    func publish(_ changes: [Change]) async throws(BrokerUnavailable)
    /// The queues that this node declares, with what waits in them.
    func queueDepths() async throws(BrokerUnavailable) -> [QueueDepth]
    /// What the connection is doing now.
    var links: DependencyLinks { get }
    /// Closes the connection. Nothing is asked afterwards.
    func shutdown() async
}

/// How far each document's operations have been published, kept beside the log.
package protocol ChangePositions: Sendable {
    /// The last version that was published of each document; those of which none was are missing.
    func published(of documents: [DocumentID]) async throws(StoreUnavailable) -> [DocumentID: Version]
    /// Moves positions forward. One that is further already stays; that of a document which is gone is passed over.
    func setPublished(_ positions: [DocumentID: Version]) async throws(StoreUnavailable)
    /// Goes through all documents in a fixed order, at most `limit` of them from behind `document` on: those with operations
    /// that were not published, and after which document to go on; `nil` at the end.
    func unpublished(after document: DocumentID?, limit: Int) async throws(StoreUnavailable)
        -> (documents: [DocumentID], next: DocumentID?)
}
