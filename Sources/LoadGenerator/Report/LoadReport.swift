package import CollabModel

/// What a load measured. Latencies in milliseconds.
package struct LoadReport: Sendable {
    /// A second of the measurement.
    package struct Second: Sendable {
        package var second: Int
        package var edits: Int
        package var acknowledgedEdits: Int
        package var operations: Int
        package var ack: LatencySummary?
        package var lag: LatencySummary?
        package var gapMilliseconds: Double
        package var errors: Int
        package var reconnects: Int
        package var cpu: Double
    }

    /// A step of a ramp.
    package struct Step: Sendable {
        /// Edits in a second that all editors together were to make.
        package var offered: Double
        /// Edits in a second that became durable.
        package var editsPerSecond: Double
        package var operationsPerSecond: Double
        package var ack: LatencySummary?
        package var lag: LatencySummary?
        package var cpu: Double
        package var isGood: Bool
    }

    package var ack: LatencySummary?
    package var lag: LatencySummary?
    /// How late the generator itself was.
    package var lateness: LatencySummary?
    /// Edits typed in the measurement, and how many of them are durable.
    package var edits = 0
    package var acknowledgedEdits = 0
    package var operations = 0
    /// Operations applied by editors other than their author.
    package var applied = 0
    package var seconds = 0.0
    package var errors = 0
    package var reconnects = 0
    package var resent = 0
    package var converged = false
    package var lost = 0
    package var doubled = 0
    package var gapMilliseconds = 0.0
    /// Processor time of the generator over real time.
    package var generatorCPU = 0.0
    package var timeline: [Second] = []
    package var steps: [Step] = []
    /// What differs between editors and log.
    package var differences: [String] = []
    /// Errors and lost connections, by reason.
    package var reasons: [String: Int] = [:]
    package var documents: [DocumentID] = []
    package var plan: LoadPlan
    /// Whether the document at the end is the one that the trace ends with; `nil` without a trace of one person.
    package var matchesTrace: Bool?

    init(plan: LoadPlan) { self.plan = plan }

    /// Durable edits in a second; of a ramp, in its last good step.
    package var editsPerSecond: Double {
        if !steps.isEmpty { return steps.last(where: \.isGood)?.editsPerSecond ?? 0 }
        return seconds > 0 ? Double(acknowledgedEdits) / seconds : 0
    }

    /// Whether everything that was promised held: editors and log agree, and nothing is lost or doubled.
    package var isSound: Bool { converged && lost == 0 && doubled == 0 }
}
