import LocalCluster
import PostgresClient
import Testing

@Suite("A connection to PostgreSQL", .serialized)
struct PostgresConnectionTests {
    private static let echo = Statement(
        "echo", "SELECT $1::int8, $2::text, $3::uuid, $4::int4, $5::bool, $6::int8[] = ARRAY[1,-2]::int8[], $7::text")

    @Test("Parameters come back as they were sent")
    func parameters() async throws {
        try await withPostgres { server in
            try await withConnection(server) { connection in
                // Twice: the second time the statement is prepared already.
                for _ in 0..<2 {
                    var parameters = Parameters()
                    parameters.int8(.min)
                    parameters.text("a\u{1F600} '\"\\")
                    parameters.uuid(high: 0x0123_4567_89AB_CDEF, low: .max)
                    parameters.int4(-1)
                    parameters.bool(true)
                    parameters.array(of: .int8, count: 2) { $0.int8([1, -2][$1]) }
                    parameters.null(.text)
                    let rows = try await connection.execute(Self.echo, parameters)
                    #expect(rows.rowCount == 1 && rows.columnCount == 7)
                    #expect(try rows.int8(0, 0) == .min)
                    #expect(try rows.text(0, 1) == "a\u{1F600} '\"\\")
                    let uuid = try rows.uuid(0, 2)
                    #expect(uuid.high == 0x0123_4567_89AB_CDEF && uuid.low == .max)
                    #expect(try rows.optionalInt4(0, 3) == -1)
                    #expect(try rows.bool(0, 4))
                    #expect(try rows.bool(0, 5))
                    #expect(rows.optionalText(0, 6) == nil)
                }
            }
        }
    }

    @Test("The session commits synchronously whatever the role's default is, and carries its name")
    func session() async throws {
        try await withPostgres { server in
            try await server.query("ALTER ROLE collab SET synchronous_commit = off")
            try await withConnection(server, name: "collab:n1:abc") { connection in
                let rows = try await connection.execute(
                    Statement(once: "SELECT current_setting('synchronous_commit'), current_setting('application_name')")
                )
                #expect(try rows.text(0, 0) == "on")
                #expect(try rows.text(0, 1) == "collab:n1:abc")
            }
        }
    }

    @Test("A statement that fails fails alone, also among others in flight")
    func failsAlone() async throws {
        try await withPostgres { server in
            try await withConnection(server) { connection in
                _ = try await connection.execute(Statement(once: "CREATE TABLE t (n int8 PRIMARY KEY)"))
                let insert = Statement("insert", "INSERT INTO t VALUES ($1 / $2) RETURNING n")
                let results = await withTaskGroup(of: (Int64, Result<Int64, any Error>).self) { group in
                    for number in Int64(0)..<40 {
                        group.addTask {
                            var parameters = Parameters()
                            parameters.int8(number)
                            parameters.int8(number % 4 == 0 ? 0 : 1)
                            do {
                                return (number, .success(try await connection.execute(insert, parameters).int8(0, 0)))
                            } catch {
                                return (number, .failure(error))
                            }
                        }
                    }
                    return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
                }
                for (number, result) in results {
                    switch result {
                    case .success(let written): #expect(number % 4 != 0 && written == number)
                    case .failure(let error): #expect(number % 4 == 0 && (error as? PostgresError)?.sqlState == "22012")
                    }
                }
                let count = try await connection.execute(Statement(once: "SELECT count(*) FROM t")).int8(0, 0)
                #expect(count == 30)
            }
        }
    }

    @Test("A statement whose preparation was refused can be prepared later")
    func preparedLater() async throws {
        try await withPostgres { server in
            try await withConnection(server) { connection in
                let count = Statement("count_late", "SELECT count(*) FROM late")
                for _ in 0..<2 {
                    await #expect(throws: PostgresError.self) { try await connection.execute(count) }
                }
                _ = try await connection.execute(Statement(once: "CREATE TABLE late (n int8)"))
                #expect(try await connection.execute(count).int8(0, 0) == 0)
                #expect(try await connection.execute(count).int8(0, 0) == 0)
            }
        }
    }

    @Test("Ending the session leaves what was sent unknown; what comes after finds a new session")
    func terminated() async throws {
        try await withPostgres { server in
            try await withConnection(server, name: "victim") { connection in
                async let slow = outcome { try await connection.execute(Statement(once: "SELECT pg_sleep(60)")) }
                async let behind = outcome { try await connection.execute(Statement(once: "SELECT 1::int8")) }
                try await eventually("the statement does not run") {
                    try await server.query(
                        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'victim' AND wait_event = 'PgSleep'"
                    )
                        == "1"
                }
                try await server.terminate("victim")
                for error in await [slow, behind] {
                    guard case .outcomeUnknown = error else {
                        Issue.record("\(String(describing: error))")
                        continue
                    }
                }
                #expect(try await connection.execute(Statement(once: "SELECT 7::int8")).int8(0, 0) == 7)
            }
        }
    }

    @Test("More statements than may wait are refused at once")
    func bounded() async throws {
        try await withPostgres { server in
            let configure: (inout ConnectionOptions) -> Void = {
                $0.maximumInFlight = 2
                $0.maximumWaiting = 3
            }
            try await withConnection(server, configure: configure) { connection in
                _ = try await connection.execute(Statement(once: "SELECT pg_advisory_lock(1)"))
                try await withConnection(server, configure: configure) { other in
                    _ = try await other.execute(Statement(once: "SELECT 1"))
                    let errors = try await withThrowingTaskGroup(of: PostgresError?.self) { group in
                        for _ in 0..<8 {
                            group.addTask {
                                await outcome {
                                    try await other.execute(Statement(once: "SELECT pg_advisory_lock_shared(1)"))
                                }
                            }
                        }
                        // The three that are too many are answered while the others wait for the lock.
                        var errors: [PostgresError?] = []
                        for _ in 0..<3 { errors.append(try #require(await group.next())) }
                        _ = try await connection.execute(Statement(once: "SELECT pg_advisory_unlock(1)"))
                        for try await error in group { errors.append(error) }
                        return errors
                    }
                    for error in errors.prefix(3) {
                        if case .unavailable = error { continue }
                        Issue.record("\(String(describing: error))")
                    }
                    #expect(errors.dropFirst(3).allSatisfy { $0 == nil })
                }
            }
        }
    }

    @Test("A server that falls silent is given up, and found again")
    func silent() async throws {
        try await withPostgres { server in
            try await withConnection(server) {
                $0.statementTimeout = .milliseconds(300)
                $0.silenceTimeout = .milliseconds(200)
                $0.connectTimeout = .milliseconds(300)
            } _: { connection in
                _ = try await connection.execute(Statement(once: "SELECT 1"))
                try await server.pause()
                guard
                    case .outcomeUnknown = await outcome({ try await connection.execute(Statement(once: "SELECT 1")) })
                else {
                    Issue.record("a silent server answered")
                    return
                }
                guard case .unavailable = await outcome({ try await connection.execute(Statement(once: "SELECT 1")) })
                else {
                    Issue.record("a silent server was connected to")
                    return
                }
                try await server.resume()
                try await eventually("no connection after the pause") {
                    await outcome { try await connection.execute(Statement(once: "SELECT 1")) } == nil
                }
            }
        }
    }

    @Test("Where nobody listens every statement is refused as not sent")
    func nobodyListens() async throws {
        var options = ConnectionOptions(url: "postgresql://collab@127.0.0.1:1/collab", applicationName: "test")
        options.connectTimeout = .seconds(1)
        let connection = PostgresConnection(options, on: try PollExecutor())
        for _ in 0..<3 {
            let error = await outcome { try await connection.execute(Statement(once: "SELECT 1")) }
            guard case .unavailable = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
        await connection.close()
    }
}

/// The error of a statement; `nil`: it has none.
func outcome(_ body: () async throws -> ResultSet) async -> PostgresError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? PostgresError ?? .malformedResult("\(error)")
    }
}
