package import AMQPClient
package import CollabModel
internal import DocumentCore
internal import Glibc
package import Logging
package import RuntimePorts

/// The change feed in RabbitMQ: one persistent message per operation, to the topic exchange `doc.operations` with the
/// routing key `doc.DOCUMENT`.
///
/// It connects at the first request, and at the next one after a failure. It never tries again by itself: the caller
/// does, and backs off. The order of a document's changes is that of the calls, so that the caller waits for one call
/// before it makes the next.
package final class RabbitMQBroker: ChangeBroker {
    private let queues: [String]
    private let node: NodeID
    private let millisecondsSince1970: @Sendable () -> Int64
    private let phase = LinkPhase()
    private let session: BrokerSession

    /// Makes a broker without connecting.
    ///
    /// - Parameters:
    ///   - url: `amqp://[user:password@]host[:port][/vhost]`.
    ///   - queues: the durable queues that get every change. They are declared with each connection.
    ///   - node: who publishes, as messages say.
    ///   - millisecondsSince1970: what messages say of when they were published; by default the system's time.
    /// - Throws: ``AMQPError`` with code `invalidArgument` for a URL or a queue name that cannot be used.
    package init(
        url: String, queues: [String], node: NodeID, logger: Logger, limits: AMQPLimits = AMQPLimits(),
        millisecondsSince1970: @escaping @Sendable () -> Int64 = systemMilliseconds
    ) throws(AMQPError) {
        try Self.check(url: url, queues: queues)
        let url = try AMQPURL(parsing: url)
        self.queues = queues
        self.node = node
        self.millisecondsSince1970 = millisecondsSince1970
        session = BrokerSession(url: url, queues: queues, limits: limits, phase: phase, logger: logger)
    }

    /// Whether a broker can be made with these.
    ///
    /// - Throws: ``AMQPError`` with code `invalidArgument` for a URL or a queue name that cannot be used.
    package static func check(url: String, queues: [String]) throws(AMQPError) {
        _ = try AMQPURL(parsing: url)
        try BrokerTopology.check(queues)
    }

    package func reach() async throws(BrokerUnavailable) {
        try await session.perform { (_) throws(AMQPError) in }
    }

    package func publish(_ changes: [Change]) async throws(BrokerUnavailable) {
        guard !changes.isEmpty else { return }
        let now = millisecondsSince1970()
        let messages = changes.map { ChangeEncoding.message($0, from: node, at: now) }
        try await session.perform { (connection) throws(AMQPError) in
            try await connection.publish(messages, to: BrokerTopology.operations)
        }
    }

    /// The depths of the queues that it was given and of `doc.failed`. One that somebody has removed is declared again.
    package func queueDepths() async throws(BrokerUnavailable) -> [QueueDepth] {
        let queues = queues
        return try await session.perform { (connection) throws(AMQPError) in
            var depths: [QueueDepth] = []
            var isDeclared = false
            for queue in queues + [BrokerTopology.failed] {
                var messages = try await connection.depth(ofQueue: queue)
                if messages == nil, !isDeclared {
                    try await BrokerTopology.declare(queues, on: connection)
                    isDeclared = true
                    messages = try await connection.depth(ofQueue: queue)
                }
                if let messages { depths.append(QueueDepth(name: queue, messages: messages)) }
            }
            return depths
        }
    }

    package var links: DependencyLinks { phase.links }

    package func shutdown() async { await session.close() }

    /// Milliseconds since 1970 by the system's clock.
    package static let systemMilliseconds: @Sendable () -> Int64 = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
