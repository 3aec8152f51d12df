import Histogram

/// A distribution of durations with three significant digits, in microseconds up to ten minutes.
struct Latencies: Sendable {
    private static let longest: UInt64 = 600_000_000
    private var histogram = Histogram<UInt32>(
        lowestDiscernibleValue: 1, highestTrackableValue: longest, numberOfSignificantValueDigits: .three)

    var count: Int { Int(histogram.totalCount) }

    mutating func record(_ microseconds: Int64) {
        histogram.record(min(UInt64(max(0, microseconds)), Self.longest))
    }

    mutating func add(_ other: Latencies) { histogram.add(other.histogram) }

    mutating func reset() { histogram.reset() }

    var summary: LatencySummary? {
        guard count > 0 else { return nil }
        func milliseconds(_ percentile: Double) -> Double {
            Double(histogram.valueAtPercentile(percentile)) / 1_000
        }
        return LatencySummary(
            p50: milliseconds(50), p95: milliseconds(95), p99: milliseconds(99), max: Double(histogram.max) / 1_000)
    }
}

/// What is told of a distribution, in milliseconds.
package struct LatencySummary: Sendable, Hashable {
    package var p50: Double
    package var p95: Double
    package var p99: Double
    package var max: Double
}
