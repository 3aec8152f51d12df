internal import CollabModel
internal import Randomness
internal import Synchronization

/// Makes the ids of traces and spans: unlike each other within a process and, by their random start, between processes.
///
/// SplitMix64 over an atomic counter: no lock and no system call. The ids are names, not secrets.
final class TraceIDs: Sendable {
    private let counter: Atomic<UInt64>

    init(seed: UInt64 = .random(in: .min ... .max)) { counter = Atomic(seed) }

    func trace() -> Identifier128 { Identifier128(high: next(), low: next()) }

    func span() -> UInt64 { next() }

    /// Never zero, which is no id.
    private func next() -> UInt64 {
        let value = SplitMix64.mixed(counter.wrappingAdd(SplitMix64.increment, ordering: .relaxed).newValue)
        return value == 0 ? 1 : value
    }
}
