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
    /// Returns when there is a connection; connects when there is none.
    func reach() async throws(BrokerUnavailable)
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
