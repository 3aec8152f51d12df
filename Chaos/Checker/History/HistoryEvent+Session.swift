package import Delta

// What a session does and is told. A session is one connection: another connection of the same client is another session.
extension HistoryEvent {
    /// A connection that is asked for.
    package struct Opening: Hashable, Sendable {
        /// A name that no other session of the history has.
        package var session: String
        package var document: String
        package var user: String
        /// The node that is connected to.
        package var node: String?
        /// The client as which the session is resumed; a new client learns its name from the first message.
        package var client: String?

        package init(session: String, document: String, user: String, node: String? = nil, client: String? = nil) {
            self.session = session
            self.document = document
            self.user = user
            self.node = node
            self.client = client
        }
    }

    /// The end of a connection.
    package struct Closing: Hashable, Sendable {
        package var session: String
        /// The WebSocket close code; `nil`: the connection was lost, or could not be had.
        package var code: Int?

        package init(session: String, code: Int? = nil) {
            self.session = session
            self.code = code
        }
    }

    /// An operation as its client sends it.
    package struct Submission: Hashable, Sendable {
        package var session: String
        package var operationID: String
        /// The version that the operation is based on.
        package var version: Int
        package var operation: Delta

        package init(session: String, operationID: String, version: Int, operation: Delta) {
            self.session = session
            self.operationID = operationID
            self.version = version
            self.operation = operation
        }
    }

    /// An operation that its client was told to be durable.
    package struct Acknowledgement: Hashable, Sendable {
        package var session: String
        package var operationID: String
        package var version: Int
        package var digest: Digest?

        package init(session: String, operationID: String, version: Int, digest: Digest? = nil) {
            self.session = session
            self.operationID = operationID
            self.version = version
            self.digest = digest
        }
    }

    /// An accepted operation as a session is told of it.
    package struct SeenOperation: Hashable, Sendable {
        package var version: Int
        package var client: String
        package var operation: Delta
        /// Where it was told.
        package var operationID: String?

        package init(version: Int, client: String, operation: Delta, operationID: String? = nil) {
            self.version = version
            self.client = client
            self.operation = operation
            self.operationID = operationID
        }
    }

    /// Operations that came in one message, in order.
    package struct Broadcast: Hashable, Sendable {
        package var session: String
        package var operations: [SeenOperation]

        package init(session: String, _ operations: [SeenOperation]) {
            self.session = session
            self.operations = operations
        }
    }

    /// The fields of `init` and `resync`.
    package struct WholeContent: Hashable, Sendable {
        package var session: String
        /// Always there in a first message.
        package var client: String?
        package var version: Int
        package var content: Delta
        package var digest: Digest?
        package var permission: Permission?
        /// The client's last operation that the content holds.
        package var lastOperationID: String?
        /// Of a `resync`: the operation that was refused.
        package var rejected: String?

        package init(
            session: String, client: String? = nil, version: Int, content: Delta, digest: Digest? = nil,
            permission: Permission? = nil, lastOperationID: String? = nil, rejected: String? = nil
        ) {
            self.session = session
            self.client = client
            self.version = version
            self.content = content
            self.digest = digest
            self.permission = permission
            self.lastOperationID = lastOperationID
            self.rejected = rejected
        }
    }

    /// The fields of `catchup`.
    package struct CatchUp: Hashable, Sendable {
        package var session: String
        package var client: String
        /// The version that the client said it has.
        package var asked: Int
        /// The operations of the versions from `asked + 1` on; those up to `head` that are not here follow as broadcasts.
        package var operations: [SeenOperation]
        package var head: Int
        /// The digest at `head`.
        package var digest: Digest?
        package var permission: Permission?

        package init(
            session: String, client: String, asked: Int, operations: [SeenOperation], head: Int,
            digest: Digest? = nil, permission: Permission? = nil
        ) {
            self.session = session
            self.client = client
            self.asked = asked
            self.operations = operations
            self.head = head
            self.digest = digest
            self.permission = permission
        }
    }

    /// An error that a session was told, or that answered a request for a document.
    package struct Failure: Hashable, Sendable {
        package var session: String?
        package var document: String?
        /// The code of the protocol: `unavailable`, `forbidden` …
        package var code: String
        package var operationID: String?

        package init(session: String? = nil, document: String? = nil, code: String, operationID: String? = nil) {
            self.session = session
            self.document = document
            self.code = code
            self.operationID = operationID
        }
    }

    /// What a session's own copy of the document is at a version.
    package struct HeldContent: Hashable, Sendable {
        package var session: String
        package var version: Int
        package var digest: Digest?
        package var content: Delta?

        package init(session: String, version: Int, digest: Digest? = nil, content: Delta? = nil) {
            self.session = session
            self.version = version
            self.digest = digest
            self.content = content
        }
    }
}
