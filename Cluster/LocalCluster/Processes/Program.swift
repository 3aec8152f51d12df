internal import CDetachedProcess
internal import Foundation
internal import Glibc

/// A program with its arguments, ready to be started.
package struct Program: Sendable {
    /// The absolute path of the executable.
    package var executable: String
    /// The arguments after the program's name.
    package var arguments: [String]
    /// The environment; this process's own unless said otherwise. ``startMark`` in a value is replaced at every start.
    package var environment: [String: String]
    /// The directory in which it works.
    package var directory: String

    /// Stands in the environment for a word that is another at every start, so that two lives of one program share
    /// nothing that is named with it.
    package static let startMark = "%start%"

    /// Describes a program.
    package init(
        _ executable: String, _ arguments: [String] = [],
        environment: [String: String] = ProcessInfo.processInfo.environment, directory: String = "/"
    ) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.directory = directory
    }

    /// Starts the program in a session of its own, so that it outlives this process; what it prints is appended to
    /// the file `log`.
    ///
    /// - Throws: ``LocalClusterError`` with code `not_started` when the system refuses.
    package func start(log: String) throws(LocalClusterError) -> ProcessIdentity {
        let words = [executable] + arguments
        let start = String(UInt64.random(in: .min ... .max), radix: 36)
        let settings = environment.map { "\($0.key)=\($0.value.replacing(Self.startMark, with: start))" }
        var pid: pid_t = 0
        let failure = withCStrings(words) { words in
            withCStrings(settings) { settings in
                collab_detached_spawn(executable, words, settings, directory, log, &pid)
            }
        }
        guard failure == 0, let process = ProcessIdentity(runningAs: pid) else {
            throw LocalClusterError(
                code: "not_started",
                message: "\(executable) could not be started: \(String(cString: strerror(failure)))")
        }
        return process
    }

    /// Runs the program to its end and answers what it printed.
    ///
    /// - Parameter timeout: after this time the program is killed.
    /// - Throws: ``LocalClusterError`` with code `command_failed`, with what it printed, when it does not end with
    ///   status 0 in time.
    package func run(timeout: Duration = .seconds(30)) async throws -> String {
        let log = FileManager.default.temporaryDirectory.appendingPathComponent("collab-\(UUID().uuidString).out").path
        defer { unlink(log) }
        let process = try start(log: log)
        var exit = await process.exit(within: timeout)
        let inTime = exit != nil
        if !inTime {
            try process.send(.kill)
            exit = await process.exit(within: .seconds(5))
        }
        let output = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        guard inTime, exit == .status(0) else {
            let reason = inTime ? "failed" : "did not end within \(timeout)"
            throw LocalClusterError(
                code: "command_failed",
                message: "\(([executable] + arguments).joined(separator: " ")) \(reason): \(output)")
        }
        return output
    }
}

/// Hands out C copies of `strings`, ended by `nil`, for the time of `body`.
private func withCStrings<Result>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
}
