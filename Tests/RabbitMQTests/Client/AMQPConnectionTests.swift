import AMQPClient
import LocalCluster
import Testing

extension RabbitMQTests {
    @Suite struct AMQPConnectionTests {
        let url: String
        init() throws { url = try SharedRabbitMQ.current.url }

        /// A queue of its own behind an exchange of its own.
        func withQueue(_ body: (AMQPConnection, _ exchange: String, _ queue: String) async throws -> Void)
            async throws
        {
            try await withConnection(url) { connection in
                let exchange = freshName("exchange")
                let queue = freshName("queue")
                try await connection.declareExchange(exchange, type: "topic")
                #expect(try await connection.declareQueue(queue) == 0)
                try await connection.bind(queue, to: exchange, routingKey: "a.*")
                try await body(connection, exchange, queue)
            }
        }

        @Test func `what is published is consumed in order, as it was`() async throws {
            try await withQueue { publisher, exchange, queue in
                var messages = (0..<100).map { AMQPMessage($0, key: "a.\($0 % 3)") }
                // Longer than a frame, and empty.
                messages[50].body = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
                messages[51].body = []
                try await publisher.publish(messages, to: exchange)
                try await publisher.publish([AMQPMessage(100, key: "b.1")], to: exchange)
                try await withConnection(url) { consumer in
                    let taken = try await consumer.drain(100, of: queue)
                    #expect(taken.map(\.body) == messages.map(\.body))
                    #expect(taken.map(\.messageID) == messages.map(\.id))
                    #expect(taken.map(\.routingKey) == messages.map(\.routingKey))
                    #expect(taken.allSatisfy { $0.isPersistent && !$0.isRedelivered })
                    #expect(taken.allSatisfy { $0.contentType == "text/plain" })
                    #expect(taken.allSatisfy { $0.timestampSeconds == 1_700_000_000 })
                    #expect(try await consumer.next(timeout: .milliseconds(50)) == nil)
                }
            }
        }

        @Test func `5,000 messages arrive once each, in order`() async throws {
            try await withQueue { publisher, exchange, queue in
                let messages = (0..<5_000).map { AMQPMessage($0, key: "a.x") }
                let time = try await timed { try await publisher.publish(messages, to: exchange) }
                #expect(try await publisher.depth(ofQueue: queue) == 5_000)
                try await withConnection(url) { consumer in
                    let taken = try await consumer.drain(5_000, of: queue)
                    #expect(try await consumer.next(timeout: .milliseconds(50)) == nil)
                    #expect(taken.map(\.messageID) == messages.map(\.id))
                }
                #expect(try await publisher.depth(ofQueue: queue) == 0)
                let rate = Int(5_000 / (time / .seconds(1)))
                Attachment.record("\(rate) confirmed messages/s", named: "publish-rate.txt")
            }
        }

        @Test func `large messages are held back by their bytes, and arrive`() async throws {
            try await withQueue { publisher, exchange, queue in
                let body = [UInt8](repeating: 7, count: 200_000)
                let messages = (0..<40).map { number in
                    var message = AMQPMessage(number, key: "a.x")
                    message.body = body
                    return message
                }
                try await publisher.publish(messages, to: exchange)
                try await withConnection(url) { consumer in
                    let taken = try await consumer.drain(40, of: queue)
                    #expect(taken.map(\.messageID) == messages.map(\.id))
                    #expect(taken.allSatisfy { $0.body == body })
                }
            }
        }

        @Test func `a message is given again when it is given back or its consumer leaves`() async throws {
            try await withQueue { publisher, exchange, queue in
                try await publisher.publish([AMQPMessage(1, key: "a.x")], to: exchange)
                try await withConnection(url) { consumer in
                    try await consumer.consume(queue, prefetch: 1)
                    let first = try #require(try await consumer.next(timeout: .seconds(5)))
                    #expect(!first.isRedelivered)
                    try await consumer.reject(first.tag, requeue: true)
                    let second = try #require(try await consumer.next(timeout: .seconds(5)))
                    #expect(second.isRedelivered)
                    #expect(second.messageID == "m-1")
                }
                try await withConnection(url) { consumer in
                    let taken = try await consumer.drain(1, of: queue)
                    #expect(taken.map(\.isRedelivered) == [true])
                }
            }
        }

        @Test func `a missing queue has no depth, and asking for it costs nothing else`() async throws {
            try await withQueue { connection, exchange, queue in
                try await connection.publish([AMQPMessage(1, key: "a.x")], to: exchange)
                for _ in 0..<3 { #expect(try await connection.depth(ofQueue: freshName("missing")) == nil) }
                #expect(try await connection.depth(ofQueue: queue) == 1)
                try await connection.publish([AMQPMessage(2, key: "a.x")], to: exchange)
                #expect(try await connection.depth(ofQueue: queue) == 2)
            }
        }

        @Test func `what the server refuses costs the call, not the connection`() async throws {
            try await withQueue { connection, exchange, queue in
                try await connection.publish([AMQPMessage(1, key: "a.x")], to: exchange)
                let missing = await amqpError { () throws(AMQPError) in
                    try await connection.publish([AMQPMessage(2, key: "a.x")], to: "no-such-exchange")
                }
                #expect(missing?.code == .refused)
                #expect(missing?.replyCode == 404)
                #expect(missing?.message.contains("no-such-exchange") == true)
                let other = await amqpError { () throws(AMQPError) in
                    try await connection.declareQueue(queue, deadLetterExchange: "elsewhere")
                }
                #expect(other?.replyCode == 406)
                #expect(other?.message.contains("x-dead-letter-exchange") == true)
                try await connection.publish([AMQPMessage(3, key: "a.x")], to: exchange)
                #expect(try await connection.depth(ofQueue: queue) == 2)
                #expect(await !connection.isBroken)
            }
        }

        @Test func `a consumer whose queue is deleted is told so`() async throws {
            try await withQueue { other, _, queue in
                try await withConnection(url) { consumer in
                    try await consumer.consume(queue)
                    try await other.deleteQueue(queue)
                    for _ in 0..<2 {
                        let error = await amqpError { () throws(AMQPError) in
                            try await consumer.next(timeout: .seconds(5))
                        }
                        #expect(error?.code == .refused)
                        #expect(error?.message.contains("gone") == true, "\(error?.message ?? "none")")
                    }
                    #expect(await !consumer.isBroken)
                }
            }
        }

        @Test func `a connection that consumes does not publish`() async throws {
            try await withQueue { connection, exchange, queue in
                try await connection.consume(queue)
                let error = await amqpError { () throws(AMQPError) in
                    try await connection.publish([AMQPMessage(1, key: "a.x")], to: exchange)
                }
                #expect(error?.code == .invalidArgument)
            }
        }

        @Test func `heartbeats keep a connection that nobody uses`() async throws {
            var limits = AMQPLimits()
            limits.heartbeatSeconds = 1
            let queue = freshName("queue")
            try await withConnection(url, limits: limits) { idle in
                try await idle.declareQueue(queue)
                // The server closes a connection on which it has heard nothing for two heartbeats.
                let end = ContinuousClock.now + .seconds(5)
                try await withConnection(url) { clock in
                    try await clock.consume(queue)
                    while ContinuousClock.now < end { _ = try await clock.next(timeout: end - .now) }
                }
                #expect(try await idle.depth(ofQueue: queue) == 0)
            }
        }

        @Test(arguments: ["amqp://guest:hunter2@", "amqp://nobody:hunter2@"])
        func `a wrong login is refused with the server's words and without the password`(login: String) async throws {
            let port = try SharedRabbitMQ.current.port
            let url = try AMQPURL(parsing: "\(login)127.0.0.1:\(port)/")
            let error = await amqpError { () throws(AMQPError) in try await AMQPConnection.connect(to: url) }
            #expect(error?.code == .refused)
            #expect(error?.replyCode == 403)
            #expect(error?.message.contains("ACCESS_REFUSED") == true, "\(error?.message ?? "none")")
            #expect(error?.message.contains("hunter2") == false)
        }

        @Test func `a missing virtual host is refused by its name`() async throws {
            let url = try AMQPURL(parsing: "\(url)elsewhere")
            let error = await amqpError { () throws(AMQPError) in try await AMQPConnection.connect(to: url) }
            #expect(error?.code == .refused)
            #expect(error?.message.contains("elsewhere") == true, "\(error?.message ?? "none")")
        }

        @Test func `a connection that nobody holds is gone with its thread and its consumer`() async throws {
            let queue = freshName("queue")
            try await withConnection(url) { watcher in
                try await watcher.declareQueue(queue)
                try await watcher.publish([AMQPMessage(1, key: queue)], to: "")
                try await consumeAndForget(queue)
                try await eventually("only the watcher's thread is left") { amqpThreads() == 1 }
                // What the consumer had not acknowledged is ready again when its connection is gone.
                try await eventually("the message is back") { try await watcher.depth(ofQueue: queue) == 1 }
            }
            try await eventually("no thread is left") { amqpThreads() == 0 }
        }

        func consumeAndForget(_ queue: String) async throws {
            let consumer = try await AMQPConnection.connect(to: AMQPURL(parsing: url))
            try await consumer.consume(queue)
            #expect(try await consumer.next(timeout: .seconds(5)) != nil)
            #expect(amqpThreads() == 2)
        }

        @Test func `a closed connection fails at once, and so does one to nobody`() async throws {
            let connection = try await AMQPConnection.connect(to: AMQPURL(parsing: url))
            await connection.close()
            let closed = await amqpError { () throws(AMQPError) in try await connection.depth(ofQueue: "a") }
            #expect(closed?.code == .connectionLost)
            let free = try #require((27_500..<27_700).first(where: LoopbackPort.isFree))
            let nobody = AMQPURL(host: "127.0.0.1", port: free)
            let error = await amqpError { () throws(AMQPError) in try await AMQPConnection.connect(to: nobody) }
            #expect(error?.code == .notConnected)
            #expect(error?.message.contains("127.0.0.1:\(free)") == true)
        }
    }
}
