internal import Foundation

/// A private server program: started, watched until it is ready, stopped, killed.
///
/// What the three servers have in common. The process is remembered as a value that can be written down, so that
/// another command can go on with a server that this one started.
actor ServerProcess {
    /// What people call it.
    let name: String
    /// The file to which everything that it prints is appended.
    let log: String
    /// The running process; `nil` before the start and after a stop.
    private(set) var process: ProcessIdentity?

    /// Describes a server, which `process` is already when it is not `nil`.
    init(name: String, log: String, process: ProcessIdentity?) {
        self.name = name
        self.log = log
        self.process = process
    }

    /// What it does now.
    var condition: ProcessCondition { process?.condition ?? .gone }

    /// Starts `program` and waits until `isReady` says so.
    ///
    /// - Throws: ``LocalClusterError`` with code `not_ready` and the end of the log when the program ends before it is
    ///   ready or takes longer than `timeout`; it is then killed.
    func start(
        _ program: Program, within timeout: Duration = .seconds(20), isReady: @Sendable (ProcessIdentity) async -> Bool
    ) async throws {
        let started = try program.start(log: log)
        process = started
        let deadline = ContinuousClock.now + timeout
        while await !isReady(started) {
            guard started.exists, ContinuousClock.now < deadline else {
                let reason = started.exists ? "was not ready within \(timeout)" : "ended before it was ready"
                try await stop([(.kill, .seconds(5))])
                throw LocalClusterError(
                    code: "not_ready", message: "\(name) \(reason). The end of \(log):\n\(LogFile.tail(of: log))")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// Stops the process with one signal after the other until it has gone; each is given some time.
    ///
    /// A stopped process is continued first, because it could not act on anything but a kill.
    ///
    /// - Throws: ``LocalClusterError`` with code `not_stopped` when it outlives all signals.
    func stop(_ steps: [(signal: ProcessSignal, patience: Duration)]) async throws {
        guard let process else { return }
        for (signal, patience) in steps {
            try process.send(signal)
            if signal != .kill { try process.send(.resume) }
            if await process.waitForExit(within: patience) {
                self.process = nil
                return
            }
        }
        throw LocalClusterError(code: "not_stopped", message: "\(name) (process \(process.pid)) did not end")
    }

    /// Stops the process where it is.
    func pause() async throws { try await process?.pause() }

    /// Lets a stopped process go on.
    func resume() throws { try process?.send(.resume) }
}
