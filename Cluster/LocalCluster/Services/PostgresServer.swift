internal import CDetachedProcess
internal import Foundation

/// A private PostgreSQL on loopback, as durable as a production one: `fsync` and `synchronous_commit` are on.
///
/// It holds the role `collab` and the database `collab` of it. Whoever can connect to this machine's loopback is
/// trusted.
package actor PostgresServer {
    /// The TCP port.
    package nonisolated let port: Int
    /// Where the nodes connect: the role and database `collab`.
    package nonisolated var url: String { url(at: "127.0.0.1") }
    /// The URL for nodes that reach it at another address.
    package nonisolated func url(at host: String) -> String { "postgresql://collab@\(host):\(port)/collab" }
    /// Where an administrator connects: the role `postgres`.
    package nonisolated var administratorURL: String { "postgresql://postgres@127.0.0.1:\(port)/postgres" }
    /// The directory of the database files.
    private let data: String
    private let isTemporary: Bool
    private let environment: [String: String]
    private let server: ServerProcess

    /// The longest directory in which a Unix socket still fits its address (unix(7): 108 bytes with the end).
    private static let longestSocketDirectory = 107 - "/.s.PGSQL.65535".utf8.count

    /// Describes the PostgreSQL that keeps its files in `directory`, which `process` serves already when it is not
    /// `nil`.
    ///
    /// - Parameter isTemporary: whether the files may be lost with the machine before the first start.
    init(
        directory: String, log: String, port: Int, isTemporary: Bool, environment: [String: String] = [:],
        process: ProcessIdentity?
    ) {
        data = directory + "/data"
        self.port = port
        self.isTemporary = isTemporary
        self.environment = environment
        server = ServerProcess(name: "PostgreSQL", log: log, process: process)
    }

    /// The running postmaster.
    package var process: ProcessIdentity? { get async { await server.process } }

    /// What the postmaster does now.
    package var condition: ProcessCondition { get async { await server.condition } }

    /// Makes the database files if there are none, starts the server, and returns when it answers and has the role
    /// and database. Does nothing when it runs already.
    ///
    /// After a crash this first waits for the backends that the crashed postmaster has left, which PostgreSQL insists
    /// on as well; it kills those that do not end by themselves within two seconds.
    package func start() async throws {
        guard await server.condition == .gone else { return }
        let programs = try await Executables.postgresDirectory()
        let account = try ServiceAccount()
        if !FileManager.default.fileExists(atPath: data + "/PG_VERSION") {
            try await initialize(programs, account)
        }
        await endOrphans(patience: .seconds(2))
        removeStaleLocks()
        var program = Program("\(programs)/postgres", ["-D", data] + settings, directory: data)
        program.environment.merge(environment) { $1 }
        try await server.start(account.running(program), within: .seconds(60)) { self.isReady($0) }
        try await createDatabase()
    }

    /// Stops it: clients are cut off, everything is flushed.
    package func stop() async throws {
        try await server.stop([(.interrupt, .seconds(15)), (.quit, .seconds(5)), (.kill, .seconds(5))])
        await endOrphans(patience: .seconds(2))
    }

    /// Stops it without a checkpoint; for files that nobody needs again.
    package func stopAtOnce() async throws {
        try await server.stop([(.quit, .seconds(5)), (.kill, .seconds(5))])
        await endOrphans(patience: .zero)
    }

    /// Ends the postmaster by SIGKILL, as a crash would; its backends notice by themselves.
    package func kill() async throws {
        try await server.stop([(.kill, .seconds(5))])
    }

    /// Stops the postmaster and its backends where they are: connections stay open and silent until ``resume()``.
    package func pause() async throws {
        for process in processes { try await process.pause() }
    }

    /// Lets it go on after ``pause()``.
    package func resume() async throws {
        for process in processes { try process.send(.resume) }
    }

    /// Runs statements as administrator and answers the rows, unaligned, fields parted by `|`.
    ///
    /// - Throws: ``LocalClusterError`` with code `command_failed` and what the server said.
    @discardableResult
    package func query(_ sql: String, database: String = "collab") async throws -> String {
        let program = Program(
            try Executables.find("psql", package: "postgresql"),
            [
                "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1", "--command", sql,
                "postgresql://postgres@127.0.0.1:\(port)/\(database)",
            ])
        return try await program.run().trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Settings that differ from PostgreSQL's own. Shared memory lies in the data directory, so that a crash leaves
    /// nothing in /dev/shm.
    private var settings: [String] {
        let sockets = directory.utf8.count <= Self.longestSocketDirectory ? directory : ""
        let values = [
            "port=\(port)", "listen_addresses=127.0.0.1", "unix_socket_directories=\(sockets)", "fsync=on",
            "synchronous_commit=on", "full_page_writes=on", "dynamic_shared_memory_type=mmap", "max_connections=200",
            "logging_collector=off", "log_destination=stderr", "log_line_prefix=%m [%p] %a ", "timezone=UTC",
        ]
        return values.flatMap { ["-c", $0] }
    }

    private func initialize(_ programs: String, _ account: ServiceAccount) async throws {
        let fresh = data + ".new"
        try Directories.make(directory)
        try account.own(directory)
        try Directories.remove(fresh)
        let options = [
            "--pgdata", fresh, "--username", "postgres", "--auth", "trust", "--encoding", "UTF8", "--locale", "C",
        ]
        let program = Program("\(programs)/initdb", options + (isTemporary ? ["--no-sync"] : []), directory: directory)
        _ = try await account.running(program).run(timeout: .seconds(120))
        try FileManager.default.moveItem(atPath: fresh, toPath: data)
    }

    private func createDatabase() async throws {
        let found = try await query("SELECT 1 FROM pg_database WHERE datname = 'collab'", database: "postgres")
        guard found.isEmpty else { return }
        try await query(
            "DO $$ BEGIN CREATE ROLE collab LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$",
            database: "postgres")
        try await query("CREATE DATABASE collab OWNER collab", database: "postgres")
    }

    /// Whether our postmaster has written that it is ready (PostgreSQL's `miscadmin.h`, "postmaster.pid": line 1 is
    /// its process id, line 8 its status; pg_ctl waits for the same).
    private nonisolated func isReady(_ process: ProcessIdentity) -> Bool {
        let lines = Self.lockFile(in: data)
        return lines.count >= 8 && Int32(lines[0]) == process.pid
            && lines[7].trimmingCharacters(in: .whitespaces) == "ready"
    }

    /// Ends the processes that still work in the data directory without a postmaster, and removes the shared memory
    /// segment that a crashed one has left.
    private func endOrphans(patience: Duration) async {
        let deadline = ContinuousClock.now + patience
        for orphan in processes {
            let left = max(.zero, deadline - ContinuousClock.now)
            if await !orphan.waitForExit(within: left) {
                _ = try? orphan.send(.kill)
                _ = await orphan.waitForExit(within: .seconds(5))
            }
        }
        let lines = Self.lockFile(in: data)
        guard lines.count >= 7 else { return }
        let numbers = lines[6].split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 2 else { return }
        _ = collab_shared_memory_remove(Int32(truncatingIfNeeded: numbers[0]), Int32(truncatingIfNeeded: numbers[1]))
    }

    /// Removes the lock files of a postmaster that is gone. PostgreSQL does not when the process table still has its number:
    /// until its parent looks, which is not ours where another command started it, or for another process since.
    private func removeStaleLocks() {
        guard processes.isEmpty else { return }
        for lock in ["\(data)/postmaster.pid", "\(directory)/.s.PGSQL.\(port).lock"] {
            try? FileManager.default.removeItem(atPath: lock)
        }
    }

    /// Where the data and, if its path is short enough, the socket are.
    private var directory: String { String(data.dropLast("/data".count)) }

    /// The postmaster and its backends: all of them work in the data directory.
    private var processes: [ProcessIdentity] {
        ProcessTable.processes(workingIn: URL(fileURLWithPath: data).resolvingSymlinksInPath().path)
    }

    private static func lockFile(in data: String) -> [Substring] {
        let text = (try? String(contentsOfFile: data + "/postmaster.pid", encoding: .utf8)) ?? ""
        return text.split(separator: "\n", omittingEmptySubsequences: false)
    }
}
