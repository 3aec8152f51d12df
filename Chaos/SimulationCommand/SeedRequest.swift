internal import ClusterSimulation

/// One run that a worker is asked for, as a line of text.
struct SeedRequest: Hashable, Sendable {
    var seed: UInt64
    var hours: Double
    /// Only so many faults strike, and the run ends where the next one would.
    var faults: Int?

    init(seed: UInt64, hours: Double, faults: Int? = nil) {
        self.seed = seed
        self.hours = hours
        self.faults = faults
    }

    init?(line: String) {
        let words = line.split(separator: " ")
        guard words.count == 3, let seed = UInt64(words[0]), let hours = Double(words[1]), let faults = Int(words[2])
        else { return nil }
        self.init(seed: seed, hours: hours, faults: faults < 0 ? nil : faults)
    }

    var line: String { "\(seed) \(hours) \(faults ?? -1)" }

    var plan: SimulationPlan {
        var plan = SimulationPlan(seed: seed, hours: hours)
        plan.faultLimit = faults
        return plan
    }
}
