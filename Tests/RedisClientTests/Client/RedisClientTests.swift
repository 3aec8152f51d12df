import LocalCluster
import NIOPosix
import RedisClient
import Testing

/// A client against a real Redis.
@Suite(.timeLimit(.minutes(2))) struct RedisClientTests {
    @Test func `commands of many callers are answered each to its own`() async throws {
        try await withRedis { server in
            try await withClient(server.url) { client in
                let answers = try await withThrowingTaskGroup { group in
                    for index in 0..<2_000 {
                        group.addTask { (index, try await client.execute(RedisCommand("ECHO", "\(index)")).text) }
                    }
                    return try await group.reduce(into: [(Int, String?)]()) { $0.append($1) }
                }
                #expect(answers.count == 2_000)
                #expect(answers.allSatisfy { "\($0.0)" == $0.1 })
                #expect(client.commandsUnderWay == 0)
            }
        }
    }

    @Test func `every kind of reply arrives, and an error in a batch spoils only its own command`() async throws {
        try await withRedis { server in
            try await withClient(server.url + "/5") { client in
                let big = [UInt8](repeating: 0xFF, count: 1 << 20)
                let replies = try await client.send([
                    RedisCommand("SET", byteArguments: [Array("k".utf8), big]), RedisCommand("INCR", "k"),
                    RedisCommand("GET", "k"), RedisCommand("GET", "none"), RedisCommand("INCRBY", "n", "-7"),
                    RedisCommand("EVAL", "return {1, {2, {'x'}}}", "0"),
                ])
                #expect(replies[0] == .status("OK"))
                #expect(replies[1].isError("ERR"))
                #expect(replies[2] == .bytes(big))
                #expect(replies[3] == .null)
                #expect(replies[4] == .integer(-7))
                #expect(replies[5] == .array([.integer(1), .array([.integer(2), .array([.bytes([120])])])]))
                let error = await redisError { () throws(RedisError) in
                    try await client.execute(RedisCommand("INCR", "k"))
                }
                #expect(error?.code == .refused)
            }
            // The database of the URL was another one.
            try await withClient(server.url) { client in
                let other = try await client.execute(RedisCommand("GET", "n"))
                #expect(other == .null)
            }
        }
    }

    @Test func `a script that the server has forgotten is sent by source`() async throws {
        try await withRedis { server in
            try await withClient(server.url) { client in
                let add = RedisScript("return redis.call('INCRBY', KEYS[1], ARGV[1])")
                #expect(try await client.evaluate(add.call("n", "2")) == .integer(2))
                #expect(try await client.execute(RedisCommand("SCRIPT", "EXISTS", add.digest)) == .array([.integer(1)]))
                try await server.command("SCRIPT FLUSH")
                let read = RedisScript("return redis.call('GET', KEYS[1])")
                let replies = try await client.evaluate(
                    [add.call("n", "3"), read.call("other"), add.call("n", "4")], until: client.deadline())
                #expect(replies == [.integer(5), .null, .integer(9)])
                let wrong = RedisScript("return redis.call('INCRBY', KEYS[1], 'x')")
                let error = await redisError { () throws(RedisError) in try await client.evaluate(wrong.call("n")) }
                #expect(error?.code == .refused)
            }
        }
    }

    @Test func `a password and a user are used, and a wrong one is reported without it`() async throws {
        try await withRedis { server in
            try await server.command("ACL SETUSER editor on >open:sesame ~* &* +@all")
            try await server.command("CONFIG SET requirepass default@word")
            let address = "127.0.0.1:\(server.port)"
            for login in [":default%40word@", "editor:open%3Asesame@"] {
                try await withClient("redis://\(login)\(address)") { client in
                    let pong = try await client.execute(RedisCommand("PING"))
                    #expect(pong == .status("PONG"))
                }
            }
            for login in ["", ":sesame@", "editor:wrong-sesame@"] {
                let watch = LinkWatch()
                try await withClient("redis://\(login)\(address)", watch: watch) { client in
                    let error = await redisError { () throws(RedisError) in
                        try await client.execute(RedisCommand("PING"))
                    }
                    #expect(error?.code == .notConnected, "login \(login)")
                    #expect(error?.message.contains("refused the login") == true)
                    #expect(error?.message.contains("sesame") == false)
                }
            }
        }
    }

    @Test func `a client outlives a killed server and finds the next one by itself`() async throws {
        try await withRedis { server in
            let watch = LinkWatch()
            var configuration = RedisConfiguration()
            configuration.silenceLimit = .seconds(60)
            try await withClient(server.url, configuration, watch: watch) { client in
                await watch.connected()
                // A call that the server has received and not answered when it dies.
                async let blocked = redisError { () throws(RedisError) in
                    try await client.execute(RedisCommand("BLPOP", "none", "0"), timeout: .seconds(60))
                }
                try await withClient(server.url) { observer in
                    try await wait {
                        try await observer.execute(RedisCommand("CLIENT", "LIST")).text?.contains("cmd=blpop") == true
                    }
                }
                try await server.kill()
                let pending = await blocked
                #expect(pending?.code == .connectionLost)
                #expect(pending?.isOutcomeUnknown == true)
                #expect(await watch.disconnected() != nil)
                try await server.start()
                await watch.connected()
                #expect(try await client.execute(RedisCommand("GET", "k")) == .null)
            }
        }
    }

    @Test func `calls to a stopped server time out, and work when it goes on`() async throws {
        try await withRedis { server in
            let watch = LinkWatch()
            try await withClient(server.url, watch: watch) { client in
                _ = try await client.execute(RedisCommand("PING"))
                try await server.pauseForSure()
                let start = ContinuousClock.now
                let error = await redisError { () throws(RedisError) in
                    try await client.execute(RedisCommand("INCR", "n"), timeout: .milliseconds(100))
                }
                #expect(error?.code == .timedOut)
                #expect(ContinuousClock.now - start < .seconds(10))
                try await server.resume()
                #expect(try await client.execute(RedisCommand("GET", "n"), timeout: .seconds(10)).text == "1")
            }
        }
    }

    @Test func `a server that stays stopped is given up and found again`() async throws {
        try await withRedis { server in
            let watch = LinkWatch()
            var configuration = RedisConfiguration()
            configuration.silenceLimit = .milliseconds(100)
            configuration.connectTimeout = .milliseconds(200)
            try await withClient(server.url, configuration, watch: watch) { client in
                await watch.connected()
                try await server.pauseForSure()
                let error = await redisError { () throws(RedisError) in
                    try await client.execute(RedisCommand("INCR", "n"), timeout: .seconds(30))
                }
                #expect(error?.code == .connectionLost)
                #expect(await watch.disconnected()?.code == .connectionLost)
                // The kernel still accepts for it, so that only the login fails.
                #expect(await watch.disconnected()?.code == .notConnected)
                try await server.resume()
                await watch.connected()
                #expect(try await client.execute(RedisCommand("PING")) == .status("PONG"))
            }
        }
    }

    @Test func `a subscriber hears messages in order and subscribes again by itself`() async throws {
        try await withRedis { server in
            let (events, continuation) = AsyncStream.makeStream(of: RedisSubscriptionEvent.self)
            let subscriber = RedisSubscriber(
                endpoint: try RedisEndpoint(url: server.url), channels: ["a", "b"],
                eventLoopGroup: MultiThreadedEventLoopGroup.singleton
            ) { continuation.yield($0) }
            try await running({ await subscriber.run() }) {
                var heard = events.makeAsyncIterator()
                #expect(await heard.next() == .subscribed(again: false))
                try await withClient(server.url) { client in
                    for index in 0..<100 {
                        _ = try await client.execute(RedisCommand("PUBLISH", index % 2 == 0 ? "a" : "b", "\(index)"))
                    }
                }
                for index in 0..<100 {
                    let expected = RedisSubscriptionEvent.message(
                        channel: index % 2 == 0 ? "a" : "b", payload: Array("\(index)".utf8))
                    #expect(await heard.next() == expected)
                }
                try await server.command("CLIENT KILL TYPE pubsub")
                #expect(await heard.next() == .subscribed(again: true))
                try await server.kill()
                try await server.start()
                #expect(await heard.next() == .subscribed(again: true))
            }
        }
    }

    @Test func `a subscriber gives up a silent server`() async throws {
        try await withRedis { server in
            let watch = LinkWatch()
            var configuration = RedisConfiguration()
            configuration.heartbeatInterval = .milliseconds(30)
            configuration.connectTimeout = .milliseconds(200)
            let subscriber = RedisSubscriber(
                endpoint: try RedisEndpoint(url: server.url), channels: ["a"],
                eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
                configuration: configuration
            ) {
                watch.record($0)
            } receive: { _ in
            }
            try await running({ await subscriber.run() }) {
                await watch.connected()
                try await server.pauseForSure()
                #expect(await watch.disconnected()?.code == .connectionLost)
                try await server.resume()
                await watch.connected()
            }
        }
    }
}
