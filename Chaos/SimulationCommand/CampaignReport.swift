internal import ClusterSimulation

/// What a campaign came to.
struct CampaignReport: Sendable {
    private(set) var seeds = 0
    private(set) var operations = 0
    private(set) var submissions = 0
    private(set) var received = 0
    private(set) var virtualMicroseconds: Int64 = 0
    private(set) var jobs: UInt64 = 0
    private(set) var events: UInt64 = 0
    private(set) var faults: [String: Int] = [:]
    private(set) var reports: [String: Int] = [:]
    /// The hashes of all runs, whatever the order in which they ended.
    private(set) var hash: UInt64 = 0
    var failures: [UInt64] = []
    var real: Duration = .zero

    mutating func add(_ outcome: SimulationOutcome) {
        seeds += 1
        operations += outcome.operations
        submissions += outcome.submissions
        received += outcome.received
        virtualMicroseconds += outcome.virtualMicroseconds
        jobs += outcome.jobs
        events += outcome.events
        faults.merge(outcome.faults, uniquingKeysWith: +)
        reports.merge(outcome.reports, uniquingKeysWith: +)
        hash &+= outcome.traceHash &* (outcome.seed &* 2 &+ 1)
    }

    var faultCount: Int { faults.values.reduce(0, +) }

    /// How far a campaign of so many seeds is.
    func progress(of all: UInt64) -> String {
        "\(seeds) of \(all) seeds, \(operations) operations, \(faultCount) faults, "
            + (failures.isEmpty ? "no promise broken" : "\(failures.count) failed")
    }

    /// For people.
    var lines: [String] {
        let seconds = Double(real.components.seconds) + Double(real.components.attoseconds) / 1e18
        func table(_ counts: [String: Int]) -> [String] {
            counts.sorted { $0.key < $1.key }.map { "  \(Self.padded($0.value)) \($0.key)" }
        }
        return [
            "seeds          \(seeds)",
            "operations     \(operations) durable, \(submissions) submissions, \(received) messages to editors",
            "faults         \(faultCount)",
        ] + table(faults) + ["what nodes and editors did"] + table(reports) + [
            "virtual hours  \(Self.rounded(Double(virtualMicroseconds) / 3_600_000_000))",
            "real seconds   \(Self.rounded(seconds)); "
                + "\(Int(Double(operations) / max(seconds, 0.001))) operations, "
                + "\(Int(Double(jobs + events) / max(seconds, 0.001))) jobs and events in a second",
            "trace hash     \(String(hash, radix: 16))",
            failures.isEmpty
                ? "no promise was broken"
                : "FAILED: \(failures.count) seeds: \(failures.sorted().map(String.init).joined(separator: " "))",
        ]
    }

    private static func padded(_ number: Int) -> String {
        let text = String(number)
        return String(repeating: " ", count: max(0, 9 - text.count)) + text
    }

    private static func rounded(_ number: Double) -> Double { (number * 100).rounded() / 100 }
}
