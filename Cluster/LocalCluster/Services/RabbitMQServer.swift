internal import Foundation

/// A private RabbitMQ on loopback, which keeps everything in one directory: the Erlang virtual machine, and the port
/// mapper (`epmd`) with which it registers.
package actor RabbitMQServer {
    /// The TCP port on which it speaks AMQP.
    package nonisolated let port: Int
    /// Where clients connect: `amqp://guest:guest@127.0.0.1:PORT/`.
    package nonisolated var url: String { "amqp://guest:guest@127.0.0.1:\(port)/" }
    /// Where it keeps everything.
    package nonisolated let directory: String
    private let distributionPort: Int
    private let epmdPort: Int
    private let settings: String
    private let server: ServerProcess
    private let mapper: ServerProcess

    /// Describes the RabbitMQ that works in `directory`, which `process` runs already when it is not `nil`.
    ///
    /// - Parameters:
    ///   - directory: an absolute path. Queues and their messages survive a stop and a start in the same one.
    ///   - log: the file to which it appends what it prints.
    ///   - distributionPort: where other Erlang nodes would reach it; nobody does, but it listens.
    ///   - epmdPort: of its own port mapper, so that one of the system is left alone.
    ///   - settings: lines of `rabbitmq.conf`.
    package init(
        directory: String, log: String, port: Int, distributionPort: Int, epmdPort: Int, settings: String = "",
        process: ProcessIdentity? = nil
    ) {
        self.directory = directory
        self.port = port
        self.distributionPort = distributionPort
        self.epmdPort = epmdPort
        self.settings = settings
        server = ServerProcess(name: "RabbitMQ", log: log, process: process)
        let mapper = ProcessTable.processes(workingIn: Self.resolved(directory), executing: "epmd").first
        self.mapper = ServerProcess(name: "RabbitMQ's port mapper", log: log, process: mapper)
    }

    /// The running process: the Erlang virtual machine.
    package var process: ProcessIdentity? { get async { await server.process } }

    /// What it does now.
    package var condition: ProcessCondition { get async { await server.condition } }

    /// Starts it and returns when it speaks AMQP, mostly after 5 s. Does nothing when it runs already.
    ///
    /// - Throws: ``LocalClusterError`` with code `not_installed`, `port_taken` or `not_ready`; nothing runs then.
    package func start() async throws {
        guard await server.condition == .gone else { return }
        let script = try Executables.rabbitMQ()
        try prepareDirectory()
        do {
            try await startMapper()
            try requireFree([port, distributionPort])
            let port = self.port
            let header = Array("AMQP".utf8) + [0, 0, 9, 1]
            try await server.start(
                Program(script, environment: environment, directory: directory), within: .seconds(60)
            ) { _ in
                // A method frame: connection.start (AMQP 0-9-1, section 4.2.2).
                await LoopbackSocket.exchange(header, port: port, until: .firstByte) == [1]
            }
        } catch {
            try await stop()
            throw error
        }
    }

    /// Stops it and its port mapper. Durable queues keep their persistent messages.
    package func stop() async throws {
        do {
            try await server.stop([(.terminate, .seconds(20)), (.kill, .seconds(5))])
        } catch {
            try await stopMapper()
            throw error
        }
        try await stopMapper()
    }

    /// Ends it by SIGKILL, as a crash would. Its port mapper goes on until ``stop()`` or serves the next start.
    package func kill() async throws {
        try await server.stop([(.kill, .seconds(5))])
    }

    /// Stops it where it is: its connections stay open and silent until ``resume()``.
    package func pause() async throws { try await server.pause() }

    /// Lets it go on after ``pause()``.
    package func resume() async throws { try await server.resume() }

    private func startMapper() async throws {
        guard await mapper.condition == .gone else { return }
        try requireFree([epmdPort])
        let program = Program(
            try Executables.find("epmd", package: "erlang-base"),
            ["-port", String(epmdPort), "-address", "127.0.0.1"], directory: directory)
        let port = epmdPort
        try await mapper.start(program) { _ in
            // NAMES_REQ (Erlang, "Distribution Protocol", "Get All Registered Names from EPMD").
            await LoopbackSocket.exchange([0, 1, UInt8(ascii: "n")], port: port, until: .close) != nil
        }
    }

    private func stopMapper() async throws {
        try await mapper.stop([(.terminate, .seconds(2)), (.kill, .seconds(5))])
    }

    private func prepareDirectory() throws(LocalClusterError) {
        try Directories.make(directory + "/home")
        for (name, text) in [("environment", ""), ("rabbitmq.conf", settings), ("enabled_plugins", "[].\n")] {
            do {
                try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory)/\(name)"))
            } catch {
                throw LocalClusterError(
                    code: "not_permitted", message: "\(directory)/\(name) cannot be written: \(error)")
            }
        }
    }

    private func requireFree(_ ports: [Int]) throws(LocalClusterError) {
        for port in ports where !LoopbackPort.isFree(port) {
            throw LocalClusterError(
                code: "port_taken", message: "port \(port), wanted for RabbitMQ, is taken by another program")
        }
    }

    /// Everything that would lead the server out of its directory or off this machine is said; what the caller's
    /// environment says of a RabbitMQ or an Erlang is left out (RabbitMQ, "File and Directory Locations").
    private var environment: [String: String] {
        let inherited = ProcessInfo.processInfo.environment.filter { name, _ in
            !name.hasPrefix("RABBITMQ_") && !name.hasPrefix("ERL_") && name != "NOTIFY_SOCKET"
        }
        return inherited.merging([
            "HOME": directory + "/home",
            // Has the script replace itself by the virtual machine instead of staying its parent.
            "RUNNING_UNDER_SYSTEMD": "true",
            "RABBITMQ_NODENAME": "collab@localhost",
            "RABBITMQ_MNESIA_BASE": directory + "/mnesia",
            "RABBITMQ_LOG_BASE": directory + "/log",
            "RABBITMQ_PID_FILE": directory + "/rabbitmq.pid",
            "RABBITMQ_CONFIG_FILE": directory + "/rabbitmq.conf",
            "RABBITMQ_CONF_ENV_FILE": directory + "/environment",
            "RABBITMQ_ENABLED_PLUGINS_FILE": directory + "/enabled_plugins",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": String(port),
            "RABBITMQ_DIST_PORT": String(distributionPort),
            "ERL_EPMD_PORT": String(epmdPort),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                "-start_epmd false -kernel inet_dist_use_interface {127,0,0,1} +S 2:2",
        ]) { $1 }
    }

    private static func resolved(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }
}
