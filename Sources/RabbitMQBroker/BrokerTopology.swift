internal import AMQPClient

/// The exchanges and queues of the change feed, under the names of the reference document.
enum BrokerTopology {
    /// The topic exchange to which every change goes.
    static let operations = "doc.operations"
    /// What the queues of changes are bound with: every document.
    static let everyDocument = "doc.*"
    /// The direct exchange of dead letters.
    static let deadLetters = "doc.dlx"
    /// The queue of dead letters.
    static let failed = "doc.failed"
    /// The key of a change that a consumer has rejected.
    static let failedOperation = "operation.failed"
    /// The key of a snapshot job that has failed.
    static let failedSnapshot = "snapshot.failed"

    /// Checks the names of queues.
    ///
    /// - Throws: ``AMQPError`` with code `invalidArgument`.
    static func check(_ queues: [String]) throws(AMQPError) {
        for (index, queue) in queues.enumerated() {
            guard (1...255).contains(queue.utf8.count) else {
                throw AMQPError(.invalidArgument, "the queue name \"\(queue)\" does not have 1 to 255 bytes")
            }
            guard !queue.hasPrefix("amq.") else {
                throw AMQPError(.invalidArgument, "the queue name \(queue) begins with amq., which the server keeps")
            }
            guard queue != failed else {
                throw AMQPError(.invalidArgument, "the queue \(queue) is that of dead letters")
            }
            guard !queues[..<index].contains(queue) else {
                throw AMQPError(.invalidArgument, "the queue \(queue) is named twice")
            }
        }
    }

    /// Declares and binds everything that is not there yet.
    static func declare(_ queues: [String], on connection: AMQPConnection) async throws(AMQPError) {
        try await connection.declareExchange(operations, type: "topic")
        try await connection.declareExchange(deadLetters, type: "direct")
        try await declare(failed, on: connection, deadLetters: nil, key: nil)
        for key in [failedOperation, failedSnapshot] {
            try await connection.bind(failed, to: deadLetters, routingKey: key)
        }
        for queue in queues {
            try await declare(queue, on: connection, deadLetters: deadLetters, key: failedOperation)
            try await connection.bind(queue, to: operations, routingKey: everyDocument)
        }
    }

    private static func declare(
        _ queue: String, on connection: AMQPConnection, deadLetters: String?, key: String?
    ) async throws(AMQPError) {
        do throws(AMQPError) {
            try await connection.declareQueue(queue, deadLetterExchange: deadLetters, deadLetterRoutingKey: key)
        } catch {
            guard error.code == .refused, error.replyCode == 406 else { throw error }
            throw AMQPError(
                .refused,
                "the queue \(queue) exists with other arguments; remove it or name another one: \(error.message)",
                replyCode: error.replyCode)
        }
    }
}
