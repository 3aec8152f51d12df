import RedisClient
import Testing

/// A client against servers that do what no good server does.
@Suite(.timeLimit(.minutes(1))) struct RedisClientFaultTests {
    @Test(arguments: [
        "?what\r\n", String(repeating: "*1\r\n", count: 20), "*2147483647\r\n",
        "$1000000\r\n" + String(repeating: "x", count: 200_000),
        "+one\r\n+two too many\r\n+three\r\n",
    ])
    func `a violation of the protocol ends the connection, and the next one works`(reply: String) async throws {
        try await withFakeServer { _ in
            .send(reply)
        } _: { url in
            let watch = LinkWatch()
            var configuration = RedisConfiguration()
            configuration.replyLimits.maximumBytes = 100_000
            try await withClient(url, configuration, watch: watch) { client in
                await watch.connected()
                let error = await redisError { () throws(RedisError) in
                    try await client.send(
                        [RedisCommand("GET", "a"), RedisCommand("GET", "b")].prefix(reply.hasPrefix("+") ? 1 : 2) + [])
                }
                if !reply.hasPrefix("+") {
                    #expect(error?.code == .protocolViolation)
                    #expect(error?.isOutcomeUnknown == true)
                }
                #expect(await watch.disconnected()?.code == .protocolViolation)
                await watch.connected()
                #expect(client.commandsUnderWay == 0)
            }
        }
    }

    @Test func `what was pending on a lost connection fails with an unknown outcome`() async throws {
        try await withFakeServer { _ in
            .close
        } _: { url in
            try await withClient(url) { client in
                let error = await redisError { () throws(RedisError) in
                    try await client.execute(RedisCommand("INCR", "a"))
                }
                #expect(error?.code == .connectionLost)
                #expect(error?.isOutcomeUnknown == true)
                #expect(client.commandsUnderWay == 0)
            }
        }
    }

    @Test func `a call returns at its timeout, and the late reply is not taken for another's`() async throws {
        try await withFakeServer {
            $0 == 1 ? .silence : .send("+late\r\n+mine\r\n")
        } _: { url in
            let watch = LinkWatch()
            try await withClient(url, watch: watch) { client in
                await watch.connected()
                let late = await redisError { () throws(RedisError) in
                    try await client.execute(RedisCommand("GET", "a"), timeout: .milliseconds(30))
                }
                #expect(late?.code == .timedOut)
                #expect(client.commandsUnderWay == 1, "it is still in flight")
                let mine = try await client.execute(RedisCommand("GET", "b"))
                #expect(mine == .status("mine"))
                #expect(client.commandsUnderWay == 0)
            }
        }
    }

    @Test func `a connection that goes silent is given up`() async throws {
        try await withFakeServer { _ in
            .silence
        } _: { url in
            let watch = LinkWatch()
            var configuration = RedisConfiguration()
            configuration.silenceLimit = .milliseconds(50)
            try await withClient(url, configuration, watch: watch) { client in
                let error = await redisError { () throws(RedisError) in
                    try await client.execute(RedisCommand("GET", "a"), timeout: .seconds(30))
                }
                #expect(error?.code == .connectionLost)
                #expect(await watch.disconnected()?.code == .connectionLost)
            }
        }
    }

    @Test func `commands beyond the bound are refused and not sent`() async throws {
        try await withFakeServer { _ in
            .silence
        } _: { url in
            let watch = LinkWatch()
            var configuration = RedisConfiguration()
            configuration.maximumCommands = 10
            configuration.maximumCommandBytes = 1_000
            try await withClient(url, configuration, watch: watch) { client in
                await watch.connected()
                try await withThrowingTaskGroup { group in
                    group.addTask {
                        let commands = (0..<10).map { RedisCommand("GET", "\($0)") }
                        let error = await redisError { () throws(RedisError) in
                            try await client.send(commands, timeout: .milliseconds(200))
                        }
                        #expect(error?.code == .timedOut)
                    }
                    try await wait { client.commandsUnderWay == 10 }
                    let error = await redisError { () throws(RedisError) in
                        try await client.execute(RedisCommand("PING"))
                    }
                    #expect(error?.code == .overloaded)
                    #expect(error?.isOutcomeUnknown == false)
                }
                let long = String(repeating: "x", count: 1_000)
                let error = await redisError { () throws(RedisError) in
                    try await client.execute(RedisCommand("SET", "a", long))
                }
                #expect(error?.code == .tooLarge)
            }
        }
    }

    @Test func `without a server a command fails at once after the first attempt, and stopping is prompt`() async throws
    {
        let unused = try #require(unusedPort())
        let watch = LinkWatch()
        var escaped: RedisClient?
        try await withClient("redis://127.0.0.1:\(unused)", watch: watch) { client in
            let first = await redisError { () throws(RedisError) in try await client.execute(RedisCommand("PING")) }
            #expect(first?.code == .notConnected)
            let start = ContinuousClock.now
            let second = await redisError { () throws(RedisError) in
                try await client.execute(RedisCommand("PING"), timeout: .seconds(60))
            }
            #expect(second?.code == .notConnected)
            #expect(ContinuousClock.now - start < .seconds(10))
            escaped = client
        }
        let stopped = try #require(escaped)
        let error = await redisError { () throws(RedisError) in try await stopped.execute(RedisCommand("PING")) }
        #expect(error?.code == .closed)
    }

    @Test func `a refused login is reported without the password`() async throws {
        try await withFakeServer { _ in
            .silence
        } _: { url in
            // The fake server answers the whole login with one PONG, so that AUTH passes and the PING is outstanding.
            var configuration = RedisConfiguration()
            configuration.connectTimeout = .milliseconds(50)
            let watch = LinkWatch()
            let login = url.replacing("redis://", with: "redis://:sesame@")
            try await withClient(login, configuration, watch: watch) { client in
                let error = await redisError { () throws(RedisError) in try await client.execute(RedisCommand("PING")) }
                #expect(error?.code == .notConnected)
                let reason = await watch.disconnected()
                #expect(reason?.code == .notConnected)
                #expect("\(String(describing: reason))\(String(describing: error))".contains("sesame") == false)
            }
        }
    }
}
