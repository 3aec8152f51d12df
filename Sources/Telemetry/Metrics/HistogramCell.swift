internal import Synchronization

/// A distribution over given buckets.
///
/// Each histogram has a lock of its own, held for a search and three additions, so that a scrape sees buckets, count
/// and sum that belong together.
package final class HistogramCell: Sendable {
    /// What has been observed so far.
    package struct Snapshot: Sendable, Equatable {
        /// The number of observations in each bucket alone, the one above the last bound at the end.
        package var counts: [UInt64]
        /// The sum of all observations.
        package var sum: Double = 0
        /// The number of all observations.
        package var count: UInt64 { counts.reduce(0, +) }
    }

    /// The upper bounds of the buckets, inclusive and ascending; one without a bound follows.
    package let bounds: [Double]
    private let state: Mutex<Snapshot>

    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(Snapshot(counts: [UInt64](repeating: 0, count: bounds.count + 1)))
    }

    /// Counts one observation. NaN is ignored: it belongs to no bucket.
    package func observe(_ value: Double) {
        guard !value.isNaN else { return }
        let bucket = bucket(of: value)
        state.withLock {
            $0.counts[bucket] += 1
            $0.sum += value
        }
    }

    /// Counts one observation of a duration in a histogram of milliseconds.
    package func observe(microseconds: Int64) { observe(Double(microseconds) / 1000) }

    /// What has been observed so far.
    package var snapshot: Snapshot { state.withLock { $0 } }

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
