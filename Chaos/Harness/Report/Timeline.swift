/// Throughput and ack latency over time, in equal steps.
struct Timeline: Sendable, Hashable {
    struct Step: Sendable, Hashable {
        /// Acknowledged operations in the step.
        var operations = 0
        /// In microseconds; `nil` where nothing was acknowledged.
        var p50: Int64?
        var p99: Int64?
        var maximum: Int64?
    }

    /// How long a step is, in seconds.
    let stepSeconds: Double
    let steps: [Step]
    /// More steps than these nobody can see on a page.
    private static let mostSteps = 600

    /// Sorts acks into steps by when they came.
    init(_ acks: [LoadFigures.Ack], from start: Int64, seconds: Double) {
        stepSeconds = max(0.1, (seconds / Double(Self.mostSteps) * 10).rounded(.up) / 10)
        let count = max(1, Int((seconds / stepSeconds).rounded(.up)))
        var latencies = [[Int64]](repeating: [], count: count)
        for ack in acks {
            let index = Int(Double(ack.at - start) / 1e6 / stepSeconds)
            guard latencies.indices.contains(index) else { continue }
            latencies[index].append(ack.latency)
        }
        steps = latencies.map { values in
            let sorted = values.sorted()
            return Step(
                operations: sorted.count, p50: sorted.percentile(0.5), p99: sorted.percentile(0.99),
                maximum: sorted.last)
        }
    }
}
