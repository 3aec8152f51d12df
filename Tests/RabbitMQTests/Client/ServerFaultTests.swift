import AMQPClient
import LocalCluster
import Testing

extension RabbitMQTests {
    /// A server that is killed or stands still.
    @Suite struct ServerFaultTests {
        let server: RabbitMQServer
        init() throws { server = try SharedRabbitMQ.current }

        /// Runs `body` while the server stands still.
        func whilePaused(_ body: () async throws -> Void) async throws {
            try await server.pause()
            #expect(await server.condition == .stopped)
            do {
                try await body()
            } catch {
                try await server.resume()
                throw error
            }
            try await server.resume()
        }

        @Test(arguments: [(1, 10, "confirmed nothing"), (400, 100_000, "took nothing")])
        func `publishing to a server that stands still fails in bounded time`(
            count: Int, bytes: Int, reason: String
        ) async throws {
            let messages = (0..<count).map { number in
                var message = AMQPMessage(number, key: "a")
                message.body = [UInt8](repeating: 1, count: bytes)
                return message
            }
            // So much at once that writing blocks, not only the wait for confirmations.
            var limits = shortLimits
            limits.maximumUnconfirmed = 1_000_000
            limits.maximumUnconfirmedBytes = 1 << 40
            try await withConnection(server.url, limits: limits) { connection in
                try await connection.publish([AMQPMessage(0, key: "a")], to: "amq.topic")
                try await whilePaused {
                    let time = await timed {
                        let error = await amqpError { () throws(AMQPError) in
                            try await connection.publish(messages, to: "amq.topic")
                        }
                        #expect(error?.code == .timedOut)
                        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "none")")
                    }
                    #expect(time > .seconds(1.5) && time < .seconds(6), "\(time)")
                    #expect(await connection.isBroken)
                    let again = await timed {
                        let error = await amqpError { () throws(AMQPError) in
                            try await connection.depth(ofQueue: "a")
                        }
                        #expect(error != nil)
                    }
                    #expect(again < .seconds(1))
                }
            }
        }

        @Test func `asking and connecting to a server that stands still fail in bounded time`() async throws {
            try await withConnection(server.url, limits: shortLimits) { connection in
                let url = try AMQPURL(parsing: server.url)
                try await whilePaused {
                    let time = await timed {
                        let asked = await amqpError { () throws(AMQPError) in
                            try await connection.depth(ofQueue: "a")
                        }
                        #expect(asked?.code == .timedOut, "\(asked?.message ?? "none")")
                        let connected = await amqpError { () throws(AMQPError) in
                            try await AMQPConnection.connect(to: url, limits: shortLimits)
                        }
                        #expect(connected?.code == .notConnected, "\(connected?.message ?? "none")")
                    }
                    #expect(time < .seconds(10), "\(time)")
                }
            }
        }

        @Test func `a server that is killed ends the connection, and starts again with its messages`() async throws {
            let queue = freshName("queue")
            try await withConnection(server.url) { connection in _ = try await connection.declareQueue(queue) }
            // RabbitMQ 3.10 that is killed now and then forgets a queue that is new since its last start.
            try await server.stop()
            try await server.start()
            try await withConnection(server.url, limits: shortLimits) { connection in
                // The exchange without a name routes by the queue's.
                try await connection.publish((0..<50).map { AMQPMessage($0, key: queue) }, to: "")
                let process = await server.process
                try await server.kill()
                #expect(process?.exists == false)
                let error = await amqpError { () throws(AMQPError) in
                    try await connection.publish([AMQPMessage(50, key: queue)], to: "")
                }
                #expect(error?.breaksConnection == true, "\(error?.message ?? "none")")
                try await server.start()
            }
            try await withConnection(server.url) { connection in
                let taken = try await connection.drain(50, of: queue)
                #expect(taken.map(\.messageID) == (0..<50).map { "m-\($0)" })
            }
        }

        @Test func `a server without memory takes nothing, and the error says why`() async throws {
            try await withRabbitMQ(settings: "vm_memory_high_watermark.absolute = 1MB\n") { server in
                for count in [1, 3_000] {
                    let messages = (0..<count).map { number in
                        var message = AMQPMessage(number, key: "a")
                        message.body = [UInt8](repeating: 1, count: 10_000)
                        return message
                    }
                    try await withConnection(server.url, limits: shortLimits) { connection in
                        let time = await timed {
                            let error = await amqpError { () throws(AMQPError) in
                                try await connection.publish(messages, to: "amq.topic")
                            }
                            #expect(error?.code == .timedOut)
                            #expect(error?.message.contains("low on memory") == true, "\(error?.message ?? "none")")
                        }
                        #expect(time < .seconds(6), "\(time)")
                    }
                }
            }
        }

        @Test func `a server that stops says so, and leaves no process behind`() async throws {
            let port = try await withRabbitMQ { server in
                let process = try #require(await server.process)
                #expect((server.port..<server.port + 3).filter(LoopbackPort.isFree).isEmpty)
                try await withConnection(server.url, limits: shortLimits) { connection in
                    try await connection.publish([AMQPMessage(0, key: "a")], to: "amq.topic")
                    try await server.stop()
                    let error = await amqpError { () throws(AMQPError) in
                        try await connection.publish([AMQPMessage(1, key: "a")], to: "amq.topic")
                    }
                    #expect(error?.code == .connectionLost)
                    #expect(error?.message.contains("CONNECTION_FORCED") == true, "\(error?.message ?? "none")")
                }
                #expect(!process.exists)
                return server.port
            }
            for port in port..<port + 3 { #expect(LoopbackPort.isFree(port), "port \(port)") }
        }

        @Test func `a server that another process started can be killed, and nothing is left of it`() async throws {
            try await withRabbitMQ { server in
                let process = try #require(await server.process)
                let again = RabbitMQServer(
                    directory: server.directory, log: server.directory + "/again.out", port: server.port,
                    distributionPort: server.port + 1, epmdPort: server.port + 2, process: process)
                try await again.kill()
                #expect(!process.exists)
                #expect(LoopbackPort.isFree(server.port))
                #expect(!LoopbackPort.isFree(server.port + 2))
                try await again.stop()
                for port in server.port..<server.port + 3 { #expect(LoopbackPort.isFree(port), "port \(port)") }
            }
        }
    }
}
