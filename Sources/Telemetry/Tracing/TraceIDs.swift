internal import CollabModel
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
        var value = counter.wrappingAdd(0x9E37_79B9_7F4A_7C15, ordering: .relaxed).newValue
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        value ^= value >> 31
        return value == 0 ? 1 : value
    }
}
