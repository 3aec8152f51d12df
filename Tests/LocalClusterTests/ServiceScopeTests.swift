import Testing

@testable import LocalCluster

@Suite("Scopes of one service")
struct ServiceScopeTests {
    @Test("PostgreSQL is durable, has the collab database, survives a kill of its postmaster and leaves nothing")
    func postgresScope() async throws {
        var processes: [ProcessIdentity] = []
        processes += try await withPostgres { postgres in
            let first = try #require(await postgres.process)
            #expect(try await postgres.query("SHOW fsync") == "on")
            #expect(try await postgres.query("SHOW synchronous_commit") == "on")
            try await postgres.query("CREATE TABLE kept (value int); INSERT INTO kept VALUES (7)")

            try await postgres.kill()
            #expect(!first.exists)
            await #expect(throws: LocalClusterError.self) { try await postgres.query("SELECT 1") }

            try await postgres.start()
            let second = try #require(await postgres.process)
            #expect(second != first)
            #expect(try await postgres.query("SELECT value FROM kept") == "7")
            return [first, second]
        }
        #expect(processes.allSatisfy { !$0.exists })
    }

    @Test("Redis keeps nothing over a kill, answers commands, and leaves nothing")
    func redisScope() async throws {
        let process = try await withRedis { redis in
            #expect(try await redis.command("SET a 1") == "+OK")
            #expect(try await redis.command("EXISTS a") == ":1")
            try await redis.flushAll()
            #expect(try await redis.command("EXISTS a") == ":0")
            try await redis.command("SET a 1")
            try await redis.kill()
            await #expect(throws: LocalClusterError.self) { try await redis.command("PING") }
            try await redis.start()
            #expect(try await redis.command("EXISTS a") == ":0")
            return try #require(await redis.process)
        }
        #expect(!process.exists)
    }

    @Test("a paused server is silent until it goes on")
    func pause() async throws {
        try await withRedis { redis in
            try await redis.pause()
            #expect(await redis.condition == .stopped)
            await #expect(throws: LocalClusterError.self) { try await redis.command("PING") }
            try await redis.resume()
            #expect(try await redis.command("PING") == "+PONG")
        }
    }

    @Test("scopes at the same time have different ports, and leave neither process nor directory")
    func parallelScopes() async throws {
        let found = try await withThrowingTaskGroup(of: (Int, RunDirectory).self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try await withLocalCluster(nodes: 0, services: [.redis]) { ($0.redis.port, $0.directory) }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(Set(found.map(\.0)).count == 4)
        for (_, directory) in found {
            #expect(ProcessTable.processes(workingIn: directory.path).isEmpty)
            #expect(!RunDirectory.temporaryOnes.contains(directory))
        }
    }

    @Test("a body that fails is told, and its server is taken down all the same")
    func failingBody() async throws {
        struct Failure: Error {}
        let seen = Seen()
        await #expect(throws: Failure.self) {
            try await withRedis { redis in
                await seen.note(redis.process)
                throw Failure()
            }
        }
        let process = try #require(await seen.process)
        #expect(!process.exists)
    }

    @Test("a cluster whose test process died is taken down by the next scope", .timeLimit(.minutes(1)))
    func abandoned() async throws {
        let block = try PortBlock()
        var plan = ClusterPlan(nodes: 0, ports: ClusterPorts(block), services: [.redis])
        plan.isTemporary = true
        let cluster = try await LocalCluster.create(plan, in: .temporary(), owner: .current)
        try await cluster.up()
        let process = try #require(await cluster.redis.process)
        try await cluster.pass(to: ProcessIdentity(pid: ProcessIdentity.current.pid, startTime: 1))
        // A sweep that another test began before may be past this cluster, and meanwhile nobody else sweeps.
        while process.exists || RunDirectory.temporaryOnes.contains(cluster.directory) {
            try await LocalCluster.sweepAbandoned()
            await Task.yield()
        }
    }
}

private actor Seen {
    var process: ProcessIdentity?
    func note(_ process: ProcessIdentity?) { self.process = process }
}

extension LocalCluster {
    fileprivate func pass(to owner: ProcessIdentity) async throws {
        state.owner = owner
        try await save()
    }
}
