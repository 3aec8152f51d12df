internal import CollabModel
internal import DocumentCore
internal import Randomness

/// What one seed's run is made of: sizes, rates and limits are drawn from the seed, so that seeds differ in kind.
package struct SimulationPlan {
    package let seed: UInt64
    /// How long faults strike, in virtual microseconds; afterwards everything is healed and has to settle.
    package var duration: Int64
    var nodes: Int
    var documents: Int
    var editorsPerDocument: Int
    /// The mean time between two edits of one editor, in microseconds.
    var editInterval: Int64
    /// The mean time between two faults, in microseconds.
    var faultInterval: Int64
    var lanes: Int
    var encodesPeerFrames: Bool
    var streamBound: Int
    var limits = DocumentLimits()
    /// Whether everything takes its shortest time and the first comes first: for transcripts.
    var isCalm = false
    /// Only so many faults of the schedule strike; `nil`: all.
    package var faultLimit: Int?

    package init(seed: UInt64, hours: Double) {
        self.seed = seed
        duration = Int64(hours * 3_600_000_000)
        var random = SplitMix64(seed: seed &* SplitMix64.increment ^ 0x5EED)
        func one<Value>(of values: [Value]) -> Value {
            values[Int(random.next() % UInt64(values.count))]
        }
        nodes = one(of: [3, 3, 4, 5])
        documents = one(of: [1, 2, 3])
        editorsPerDocument = one(of: [2, 3, 4, 6])
        editInterval = one(of: [60_000, 120_000, 250_000, 400_000])
        faultInterval = one(of: [2_000_000, 3_000_000, 5_000_000])
        lanes = one(of: [1, 2])
        encodesPeerFrames = one(of: [true, false, false, false])
        streamBound = one(of: [64, 400, 4_000])
        limits.windowOperations = one(of: [8, 32, 200, 2_048])
        limits.snapshotOperations = one(of: [10, 100])
        limits.snapshotIntervalMilliseconds = one(of: [500, 10_000])
        limits.portionOperations = one(of: [3, 20, 500])
        limits.idleMilliseconds = one(of: [2_000, 60_000])
        limits.baseDistance = one(of: [40, 20_000])
        limits.speculativeOperations = one(of: [20, 10_000])
        limits.waitingPerClient = one(of: [1, 8])
    }
}
