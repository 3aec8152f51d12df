import AMQPClient
import CollabModel
import DocumentCore
import JSON
import LocalCluster
import Logging
import RabbitMQBroker
import RuntimePorts
import Testing

extension RabbitMQTests {
    @Suite struct RabbitMQBrokerTests {
        let server: RabbitMQServer
        init() throws { server = try SharedRabbitMQ.current }

        func depth(_ name: String, _ broker: RabbitMQBroker) async throws -> Int? {
            try await broker.queueDepths().first { $0.name == name }?.messages
        }

        @Test func `a change is a message with its document's key, its id and all of its fields`() async throws {
            let queue = freshName("changes")
            let before = RabbitMQBroker.systemMilliseconds()
            let changes = try sampleChanges(3)
            let document = changes[0].document
            try await withBroker(server.url, queues: [queue]) { try await $0.publish(changes) }
            let taken = try await withConnection(server.url) { try await $0.drain(3, of: queue) }
            #expect(taken.map(\.messageID) == (1...3).map { "\(document)-\($0)" })
            #expect(taken.allSatisfy { $0.routingKey == "doc.\(document)" && $0.contentType == "application/json" })
            #expect(taken.allSatisfy { $0.isPersistent })
            let body = try #require(taken.last?.body)
            let text = String(decoding: body, as: UTF8.self)
            let timestamp = try #require(
                text.firstMatch(of: /"timestamp":(\d+)}$/).flatMap { Int64($0.output.1) }, "\(text)")
            #expect((before...RabbitMQBroker.systemMilliseconds()).contains(timestamp))
            #expect(taken.last?.timestampSeconds == UInt64(timestamp / 1_000))
            let expected = """
                {"documentId":"\(document)","version":3,"epoch":7,\
                "clientId":"00000000-0000-0003-0000-000000000004","userId":"ann \\"the writer\\"","operationId":"op-3",\
                "operation":[{"insert":"word 3 "}],"serverId":"n1","timestamp":\(timestamp)}
                """
            #expect(text == expected)
            #expect(throws: Never.self) { try JSONValue(utf8: body) }
        }

        @Test func `5,000 changes arrive once each, in order`() async throws {
            let queue = freshName("changes")
            let changes = try sampleChanges(5_000)
            try await withBroker(server.url, queues: [queue]) { broker in
                let time = try await timed { try await broker.publish(changes) }
                #expect(try await depth(queue, broker) == 5_000)
                let rate = Int(5_000 / (time / .seconds(1)))
                Attachment.record("\(rate) confirmed changes/s", named: "change-rate.txt")
            }
            let taken = try await withConnection(server.url) { try await $0.drain(5_000, of: queue) }
            #expect(taken.map(\.messageID) == changes.map { "\($0.document)-\($0.operation.version)" })
        }

        @Test func `every queue gets every change, and a rejected one goes to the dead letters`() async throws {
            let queues = [freshName("a"), freshName("b")]
            try await withBroker(server.url, queues: queues) { broker in
                let failed = try #require(try await depth("doc.failed", broker))
                let changes = try sampleChanges(2)
                try await broker.publish(changes)
                #expect(try await broker.queueDepths().map(\.name) == queues + ["doc.failed"])
                for queue in queues { #expect(try await depth(queue, broker) == 2) }
                try await withConnection(server.url) { consumer in
                    try await consumer.consume(queues[0])
                    let first = try #require(try await consumer.next(timeout: .seconds(5)))
                    try await consumer.reject(first.tag, requeue: false)
                }
                let dead = try await withConnection(server.url) {
                    try await $0.drain(failed + 1, of: "doc.failed")
                }
                #expect(dead.last?.messageID == "\(changes[0].document)-1")
                #expect(dead.last?.routingKey == "operation.failed")
                #expect(dead.count == failed + 1)
            }
        }

        @Test func `a queue that somebody removed is declared again`() async throws {
            let queue = freshName("changes")
            try await withBroker(server.url, queues: [queue]) { broker in
                try await broker.publish(sampleChanges(1))
                try await withConnection(server.url) { try await $0.deleteQueue(queue) }
                #expect(try await depth(queue, broker) == 0)
                try await broker.publish(sampleChanges(2))
                #expect(try await depth(queue, broker) == 2)
            }
        }

        @Test func `it connects when it is first asked, and says what it is doing`() async throws {
            let log = RecordingLog()
            try await withBroker(server.url, queues: [], handler: log) { broker in
                #expect(broker.links == DependencyLinks([.waiting]))
                try await broker.publish([])
                #expect(broker.links == DependencyLinks([.waiting]))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<8 { group.addTask { _ = try await broker.queueDepths() } }
                    try await group.waitForAll()
                }
                #expect(broker.links == DependencyLinks([.open]))
                #expect(log.lines == [.init(level: .info, message: "connected to RabbitMQ")])
                await broker.shutdown()
                #expect(broker.links == DependencyLinks([.waiting]))
                let reason = await unavailable { () throws(BrokerUnavailable) in _ = try await broker.queueDepths() }
                #expect(reason?.contains("closed") == true)
            }
        }

        @Test func `a broker that was killed is an error, and connected to again at the next request`() async throws {
            let queue = freshName("changes")
            let log = RecordingLog()
            let changes = try sampleChanges(6)
            try await withBroker(server.url, queues: [queue], limits: shortLimits, handler: log) { broker in
                try await broker.publish(Array(changes[..<4]))
                try await server.kill()
                let time = await timed {
                    for _ in 0..<2 {
                        let reason = await unavailable { () throws(BrokerUnavailable) in
                            try await broker.publish([changes[4]])
                        }
                        #expect(reason != nil)
                        #expect(broker.links == DependencyLinks([.waiting]))
                    }
                }
                #expect(time < .seconds(6))
                try await server.start()
                try await broker.publish(Array(changes[4...]))
                #expect(broker.links == DependencyLinks([.open]))
                #expect(try await depth(queue, broker) == 6)
            }
            let messages = ["connected to RabbitMQ", "connection to RabbitMQ lost", "connected to RabbitMQ"]
            #expect(log.lines.map(\.message) == messages)
            #expect(log.lines[1].level == .warning)
            #expect(log.lines[1].reason?.isEmpty == false)
            let taken = try await withConnection(server.url) { try await $0.drain(6, of: queue) }
            #expect(taken.map(\.messageID) == changes.map { "\($0.document)-\($0.operation.version)" })
        }

        @Test func `a broker that stands still is an error in bounded time`() async throws {
            try await withBroker(server.url, queues: [], limits: shortLimits) { broker in
                try await broker.publish(sampleChanges(1))
                try await server.pause()
                let time = await timed {
                    let reason = await unavailable { () throws(BrokerUnavailable) in
                        try await broker.publish((try? sampleChanges(1)) ?? [])
                    }
                    #expect(reason?.contains("confirmed nothing") == true, "\(reason ?? "none")")
                }
                try await server.resume()
                #expect(time > .seconds(1.5) && time < .seconds(6), "\(time)")
                try await broker.publish(sampleChanges(1))
            }
        }

        @Test func `a queue with other arguments is an error that names it`() async throws {
            let queue = freshName("taken")
            try await withConnection(server.url) { _ = try await $0.declareQueue(queue) }
            try await withBroker(server.url, queues: [queue]) { broker in
                let changes = try sampleChanges(1)
                let reason = await unavailable { () throws(BrokerUnavailable) in try await broker.publish(changes) }
                let text = "the queue \(queue) exists with other arguments"
                #expect(reason?.contains(text) == true, "\(reason ?? "none")")
                #expect(reason?.contains("PRECONDITION_FAILED") == true)
                #expect(broker.links == DependencyLinks([.waiting]))
            }
        }

        @Test func `a wrong login is an error without the password`() async throws {
            try await withBroker("amqp://guest:hunter2@127.0.0.1:\(server.port)/", queues: []) { broker in
                let changes = try sampleChanges(1)
                let reason = await unavailable { () throws(BrokerUnavailable) in try await broker.publish(changes) }
                #expect(reason?.contains("ACCESS_REFUSED") == true, "\(reason ?? "none")")
                #expect(reason?.contains("hunter2") == false)
            }
        }
    }
}
