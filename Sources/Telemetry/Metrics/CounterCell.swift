internal import Synchronization

/// A number that only grows. Adding is one atomic instruction.
package final class CounterCell: Sendable {
    private let count = Atomic<Int64>(0)

    init() {}

    /// Adds to the counter; negative amounts are ignored, as a counter never falls.
    package func add(_ amount: Int64 = 1) {
        guard amount > 0 else { return }
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    /// The sum of what was added.
    package var value: Int64 { count.load(ordering: .relaxed) }
}
