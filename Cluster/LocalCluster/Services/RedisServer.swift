/// A private Redis on loopback that keeps nothing on disk.
package actor RedisServer {
    /// The TCP port.
    package nonisolated let port: Int
    /// Where clients connect: `redis://127.0.0.1:PORT`.
    package nonisolated var url: String { url(at: "127.0.0.1") }
    private let directory: String
    private let environment: [String: String]
    private let server: ServerProcess

    /// Describes the Redis that works in `directory`, which `process` runs already when it is not `nil`.
    init(
        directory: String, log: String, port: Int, environment: [String: String] = [:], process: ProcessIdentity?
    ) {
        self.directory = directory
        self.environment = environment
        self.port = port
        server = ServerProcess(name: "Redis", log: log, process: process)
    }

    /// The URL for nodes that reach it at another address.
    package nonisolated func url(at host: String) -> String { "redis://\(host):\(port)" }

    /// The running process.
    package var process: ProcessIdentity? { get async { await server.process } }

    /// What it does now.
    package var condition: ProcessCondition { get async { await server.condition } }

    /// Starts it and returns when it answers. Does nothing when it runs already.
    package func start() async throws {
        guard await server.condition == .gone else { return }
        try Directories.make(directory)
        var program = Program(
            try Executables.find("redis-server", package: "redis-server"),
            [
                "--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--daemonize", "no",
                "--dir", directory,
            ],
            directory: directory)
        program.environment.merge(environment) { $1 }
        let port = self.port
        try await server.start(program) { _ in
            await LoopbackSocket.exchange(Array("PING\r\n".utf8), port: port, until: .line) == Array("+PONG".utf8)
        }
    }

    /// Stops it; what it held is lost, as it always is.
    package func stop() async throws {
        try await server.stop([(.terminate, .seconds(5)), (.kill, .seconds(5))])
    }

    /// Ends it by SIGKILL, as a crash would.
    package func kill() async throws {
        try await server.stop([(.kill, .seconds(5))])
    }

    /// Stops it where it is: its connections stay open and silent until ``resume()``.
    package func pause() async throws { try await server.pause() }

    /// Lets it go on after ``pause()``.
    package func resume() async throws { try await server.resume() }

    /// Removes every key, as if it had been replaced by an empty one.
    package func flushAll() async throws { try await command("FLUSHALL") }

    /// Sends one command in Redis's inline form (Redis serialization protocol, "Inline commands").
    ///
    /// - Returns: the first line of the reply, with its type character.
    /// - Throws: ``LocalClusterError`` with code `redis_failed` when there is no reply or it is an error.
    @discardableResult
    package func command(_ words: String) async throws -> String {
        let answer = await LoopbackSocket.exchange(Array("\(words)\r\n".utf8), port: port, until: .line)
        guard let answer, answer.first != UInt8(ascii: "-") else {
            let text = answer.map { String(decoding: $0, as: UTF8.self) } ?? "no answer"
            throw LocalClusterError(code: "redis_failed", message: "Redis answered \(words) with: \(text)")
        }
        return String(decoding: answer, as: UTF8.self)
    }
}
