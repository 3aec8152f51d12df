import AMQPClient
import CollabModel
import Foundation
import LocalCluster
import Logging
import RabbitMQBroker
import RuntimePorts
import Testing

/// Short ones, so that what has to time out does so soon.
let shortLimits: AMQPLimits = {
    var limits = AMQPLimits()
    limits.connectTimeout = .seconds(2)
    limits.callTimeout = .seconds(2)
    return limits
}()

/// A name that no other test has.
func freshName(_ prefix: String) -> String { "\(prefix)-\(UUID().uuidString.lowercased())" }

/// Runs `body` with a connection and always closes it.
func withConnection<Result: Sendable>(
    _ url: String, limits: AMQPLimits = AMQPLimits(), _ body: (AMQPConnection) async throws -> Result
) async throws -> Result {
    let connection = try await AMQPConnection.connect(to: AMQPURL(parsing: url), limits: limits)
    let result: Result
    do {
        result = try await body(connection)
    } catch {
        await connection.close()
        throw error
    }
    await connection.close()
    return result
}

/// Runs `body` with a broker and always shuts it down.
func withBroker<Result: Sendable>(
    _ url: String, queues: [String], limits: AMQPLimits = AMQPLimits(), handler: RecordingLog = RecordingLog(),
    _ body: (RabbitMQBroker) async throws -> Result
) async throws -> Result {
    let broker = try RabbitMQBroker(
        url: url, queues: queues, node: #require(NodeID("n1")),
        logger: Logger(label: "test") { _ in handler }, limits: limits)
    let result: Result
    do {
        result = try await body(broker)
    } catch {
        await broker.shutdown()
        throw error
    }
    await broker.shutdown()
    return result
}

/// The error that a call throws.
func amqpError(_ call: () async throws(AMQPError) -> some Any) async -> AMQPError? {
    do throws(AMQPError) {
        _ = try await call()
        return nil
    } catch {
        return error
    }
}

/// The reason with which a broker fails.
func unavailable(_ call: () async throws(BrokerUnavailable) -> Void) async -> String? {
    do throws(BrokerUnavailable) {
        try await call()
        return nil
    } catch {
        return error.reason
    }
}

/// How many threads of this process are those of connections.
func amqpThreads() -> Int {
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
    return tasks.count { (try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8)) == "amqp\n" }
}

/// Asks again and again, for at most 20 s.
func eventually(_ what: Comment, _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(20)
    while try await !condition() {
        try #require(ContinuousClock.now < deadline, what)
        // Until the deadline.
        try await Task.sleep(for: .milliseconds(10))
    }
}

/// How long `body` took.
func timed(_ body: () async throws -> Void) async rethrows -> Duration {
    let start = ContinuousClock.now
    try await body()
    return .now - start
}

extension AMQPMessage {
    /// A message with a number as its id and body.
    init(_ number: Int, key: String) {
        self.init(
            routingKey: key, id: "m-\(number)", contentType: "text/plain", timestampSeconds: 1_700_000_000,
            body: Array("\(number)".utf8))
    }
}

extension AMQPConnection {
    /// Takes and acknowledges `count` messages of a queue; fewer when no more come for 5 s.
    func drain(_ count: Int, of queue: String) throws(AMQPError) -> [AMQPDelivery] {
        try consume(queue)
        var taken: [AMQPDelivery] = []
        while taken.count < count, let delivery = try next(timeout: .seconds(5)) {
            try acknowledge(delivery.tag)
            taken.append(delivery)
        }
        return taken
    }
}
