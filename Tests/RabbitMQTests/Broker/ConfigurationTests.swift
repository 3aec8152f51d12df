import AMQPClient
import CollabModel
import Logging
import RabbitMQBroker
import Testing

/// What a broker refuses before it connects.
@Suite struct ConfigurationTests {
    static func error(url: String = "amqp://localhost", queues: [String]) async throws -> AMQPError? {
        let node = try #require(NodeID("n1"))
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        return await amqpError { () throws(AMQPError) in
            try RabbitMQBroker(url: url, queues: queues, node: node, logger: logger)
        }
    }

    @Test(arguments: [
        ([""], "1 to 255"), ([String(repeating: "q", count: 256)], "1 to 255"),
        ([String(repeating: "é", count: 128)], "1 to 255"), (["amq.x"], "amq."), (["doc.failed"], "dead letters"),
        (["a", "b", "a"], "twice"),
    ])
    func `a queue name that cannot be used is refused`(queues: [String], reason: String) async throws {
        let error = try await Self.error(queues: queues)
        #expect(error?.code == .invalidArgument)
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "none")")
    }

    @Test func `others are taken`() async throws {
        #expect(try await Self.error(queues: [String(repeating: "q", count: 255), "é", "a b", "xamq."]) == nil)
        #expect(try await Self.error(queues: []) == nil)
    }

    @Test func `a bad URL is refused without its password`() async throws {
        let error = try await Self.error(url: "amqp://ann:hunter2@h:x", queues: [])
        #expect(error?.message.contains("port") == true)
        #expect(error?.message.contains("hunter2") == false)
    }
}
