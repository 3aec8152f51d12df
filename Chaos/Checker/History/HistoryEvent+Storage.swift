package import Delta

// What lies in the storage, and what is read past the sessions.
extension HistoryEvent {
    /// A document at version 0.
    package struct DocumentStart: Hashable, Sendable {
        package var document: String
        package var content: Delta

        package init(_ document: String, content: Delta) {
            self.document = document
            self.content = content
        }
    }

    /// One operation of the log.
    package struct LogRow: Hashable, Sendable {
        package var document: String
        package var version: Int
        package var epoch: Int
        package var client: String
        package var operationID: String
        package var operation: Delta
        /// The digest that the row has of the document after it.
        package var digest: Digest?
        /// When its transaction committed, on the recorder's clock, where that is known: what was told earlier was told
        /// too early.
        package var committedAt: Int64?
        /// Which reading of the log found it, from 1 on; `nil`: the last one, after the end of everything.
        package var reading: Int?

        package init(
            document: String, version: Int, epoch: Int, client: String, operationID: String, operation: Delta,
            digest: Digest? = nil, committedAt: Int64? = nil, reading: Int? = nil
        ) {
            self.document = document
            self.version = version
            self.epoch = epoch
            self.client = client
            self.operationID = operationID
            self.operation = operation
            self.digest = digest
            self.committedAt = committedAt
            self.reading = reading
        }
    }

    /// The epoch and the head of a document's log, read in one statement.
    package struct LogHead: Hashable, Sendable {
        package var document: String
        package var epoch: Int
        package var head: Int
        /// As in ``LogRow/reading``.
        package var reading: Int?

        package init(document: String, epoch: Int, head: Int, reading: Int? = nil) {
            self.document = document
            self.epoch = epoch
            self.head = head
            self.reading = reading
        }
    }

    /// Content that was read by HTTP; the event's time is that of the answer.
    package struct ContentRead: Hashable, Sendable {
        package var document: String
        package var user: String
        /// When the request left.
        package var askedAt: Int64
        package var version: Int
        package var content: Delta

        package init(document: String, user: String, askedAt: Int64, version: Int, content: Delta) {
            self.document = document
            self.user = user
            self.askedAt = askedAt
            self.version = version
            self.content = content
        }
    }
}
