internal import ClusterSimulation
internal import Foundation
internal import JSON

/// A process of this program that runs simulations, started again when one of them ends it.
///
/// Used by one thread.
final class WorkerProcess {
    enum Answer {
        case outcome(SimulationOutcome)
        /// The process ended in the middle of the run: a precondition, an assertion or memory.
        case crashed(String)
    }

    private let arguments: [String]
    private var process: Process?
    private var input = Pipe()
    private var output = Pipe()
    private var errors = Pipe()
    private var buffer = Data()

    init(arguments: [String]) { self.arguments = arguments }

    func run(_ request: SeedRequest) -> Answer {
        do {
            if process == nil { try start() }
            try input.fileHandleForWriting.write(contentsOf: Data((request.line + "\n").utf8))
        } catch {
            return .crashed("the worker could not be started: \(error)")
        }
        guard let line = nextLine(), let json = try? JSONValue(utf8: line), let outcome = SimulationOutcome(json)
        else { return .crashed(lastWords()) }
        return .outcome(outcome)
    }

    func stop() {
        guard let process else { return }
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
        self.process = nil
    }

    private func start() throws {
        let process = Process()
        (input, output, errors, buffer) = (Pipe(), Pipe(), Pipe(), Data())
        process.executableURL = URL(fileURLWithPath: Self.executable)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(
            [SimulationWorker.hashing: "1", "SWIFT_BACKTRACE": "enable=no"]) { $1 }
        process.standardInput = input
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        self.process = process
    }

    private func nextLine() -> [UInt8]? {
        while true {
            if let end = buffer.firstIndex(of: 10) {
                let line = [UInt8](buffer[buffer.startIndex..<end])
                buffer.removeSubrange(buffer.startIndex...end)
                return line
            }
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { return nil }
            buffer.append(data)
        }
    }

    private func lastWords() -> String {
        process?.waitUntilExit()
        let words = (try? errors.fileHandleForReading.readToEnd()) ?? Data()
        let status = process.map { "status \($0.terminationStatus)" } ?? ""
        process = nil
        let text = String(decoding: words, as: UTF8.self).split(separator: "\n").first.map(String.init) ?? ""
        return text.isEmpty ? "the process ended with \(status)" : text
    }

    /// The path of this program.
    static var executable: String { Bundle.main.executablePath ?? CommandLine.arguments[0] }

    /// Runs this program once more with other settings of the environment and the same terminal; its exit status.
    static func again(_ arguments: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging([SimulationWorker.hashing: "1"]) { $1 }
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
