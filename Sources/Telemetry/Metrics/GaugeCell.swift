internal import Synchronization

/// A number that rises and falls. It is kept in one atomic word, as the bits of a `Double`.
package final class GaugeCell: Sendable {
    private let bits = Atomic<UInt64>(0)

    init() {}

    /// Sets the value.
    package func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

    /// Sets the value.
    package func set(_ value: Int) { set(Double(value)) }

    /// Adds to the value; the amount may be negative.
    package func add(_ amount: Double) {
        var old = bits.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + amount).bitPattern
            let (exchanged, seen) = bits.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if exchanged { return }
            old = seen
        }
    }

    /// The value now.
    package var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }
}
