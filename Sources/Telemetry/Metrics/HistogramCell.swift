package import CollabModel
internal import Glibc
internal import Synchronization

/// Counts observations in buckets.
///
/// Counting takes no lock: two atomic additions in the slots of the thread that counts. There are several sets of
/// slots, each on cache lines of its own, and a thread keeps to one, so that threads seldom meet. A scrape adds the sets
/// up. What is counted while it does so may be in its buckets and not yet in its sum, never in the count alone: the
/// count is that of the buckets.
///
/// An observation of an operation whose trace is recorded leaves its trace behind as the exemplar of its bucket. That
/// takes a lock, and is as rare as the traces.
// Unchecked: the slots are atomics, made in `init` and freed in `deinit`; nothing else is mutable but the mutex.
package final class HistogramCell: @unchecked Sendable {
    /// What has been observed so far.
    package struct Snapshot: Sendable, Equatable {
        /// The number of observations in each bucket alone, the one above the last bound at the end.
        package var counts: [UInt64]
        /// The sum of all observations.
        package var sum: Double = 0
        /// The number of all observations.
        package var count: UInt64 { counts.reduce(0, +) }
    }

    /// One observation and the trace that tells about it.
    package struct Exemplar: Sendable, Equatable {
        package var value: Double
        package var trace: TraceContext
        /// Since 1970.
        package var atMicroseconds: Int64
    }

    /// The upper bounds of the buckets, inclusive and ascending; one without a bound follows.
    package let bounds: [Double]
    /// For each set: its buckets, then its sum as the bits of a `Double`, then padding.
    private let slots: UnsafeMutablePointer<Atomic<UInt64>>
    private let slotsPerSet: Int
    private let exemplars = Mutex<[Exemplar?]>([])

    private static let sets = 4
    private static let slotsPerCacheLine = 8

    init(bounds: [Double]) {
        self.bounds = bounds
        let used = bounds.count + 2
        // One line more than is used, since the memory need not begin with a line.
        slotsPerSet = (used + 2 * Self.slotsPerCacheLine - 1) / Self.slotsPerCacheLine * Self.slotsPerCacheLine
        slots = .allocate(capacity: slotsPerSet * Self.sets)
        for index in 0..<slotsPerSet * Self.sets { (slots + index).initialize(to: Atomic(0)) }
    }

    deinit {
        slots.deinitialize(count: slotsPerSet * Self.sets)
        slots.deallocate()
    }

    /// Counts one observation. NaN is ignored: it belongs to no bucket.
    package func observe(_ value: Double) {
        guard !value.isNaN else { return }
        let set = slots + Self.ownSet * slotsPerSet
        set[bucket(of: value)].wrappingAdd(1, ordering: .relaxed)
        let sum = set + bounds.count + 1
        var old = sum.pointee.load(ordering: .relaxed)
        while true {
            let new = (Double(bitPattern: old) + value).bitPattern
            let (exchanged, seen) = sum.pointee.weakCompareExchange(expected: old, desired: new, ordering: .relaxed)
            if exchanged { return }
            old = seen
        }
    }

    /// Counts one observation of a duration in a histogram of milliseconds.
    package func observe(microseconds: Int64) { observe(Double(microseconds) / 1000) }

    /// The same, and keeps the trace as the exemplar of the bucket.
    package func observe(microseconds: Int64, trace: TraceContext, atMicroseconds: Int64) {
        let value = Double(microseconds) / 1000
        observe(value)
        let exemplar = Exemplar(value: value, trace: trace, atMicroseconds: atMicroseconds)
        exemplars.withLock { exemplars in
            if exemplars.isEmpty { exemplars = Array(repeating: nil, count: bounds.count + 1) }
            exemplars[bucket(of: value)] = exemplar
        }
    }

    /// What has been observed so far.
    package var snapshot: Snapshot {
        var snapshot = Snapshot(counts: [UInt64](repeating: 0, count: bounds.count + 1))
        for set in 0..<Self.sets {
            let first = slots + set * slotsPerSet
            for index in snapshot.counts.indices { snapshot.counts[index] += first[index].load(ordering: .relaxed) }
            snapshot.sum += Double(bitPattern: first[bounds.count + 1].load(ordering: .relaxed))
        }
        return snapshot
    }

    /// The last exemplar of each bucket; empty while there is none.
    package var lastExemplars: [Exemplar?] { exemplars.withLock { $0 } }

    /// Threads' descriptors lie a stack's size apart, so that their page numbers spread.
    private static var ownSet: Int { Int(truncatingIfNeeded: UInt(pthread_self()) >> 12) & (sets - 1) }

    private func bucket(of value: Double) -> Int {
        var low = 0
        var high = bounds.count
        while low < high {
            let middle = (low + high) / 2
            if value <= bounds[middle] { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
