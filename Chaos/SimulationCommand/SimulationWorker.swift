internal import ClusterSimulation
internal import Foundation
internal import JSON

/// Runs simulations in this process, one after the other: each line of standard input asks for one, each line of
/// standard output answers.
enum SimulationWorker {
    /// Swift hashes with a random seed of its own unless told otherwise, and the order of a set would differ.
    static let hashing = "SWIFT_DETERMINISTIC_HASHING"

    static var isDeterministic: Bool { ProcessInfo.processInfo.environment[hashing] == "1" }

    static func serve() {
        onSimulationThread {
            while let line = readLine() {
                guard let request = SeedRequest(line: line) else { continue }
                write(Simulation.run(request.plan).json.description)
            }
        }
    }

    static func write(_ line: String) {
        // Nobody reads any more: there is nobody to tell.
        try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8))
    }

    /// Runs `body` on a thread of its own, with room for deep recursion and no task around it, and waits for it.
    static func onSimulationThread(_ body: @escaping @Sendable () -> Void) {
        let end = DispatchSemaphore(value: 0)
        let thread = Thread {
            body()
            end.signal()
        }
        thread.stackSize = 256 << 20
        thread.start()
        end.wait()
    }
}
