/// The seeds of a campaign, as they are written on a command line: `7`, `1-1000`, `1…1000`, `3,5,10-20`.
package struct SeedRange: Hashable, Sendable {
    package let ranges: [ClosedRange<UInt64>]

    /// Reads the text form; `nil` for anything else and for ranges that run backwards.
    package init?(_ text: String) {
        var ranges: [ClosedRange<UInt64>] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let plain = part.replacing("…", with: "-").replacing("...", with: "-").replacing("..", with: "-")
            let bounds = plain.split(separator: "-", omittingEmptySubsequences: false).map { UInt64($0) }
            guard let first = bounds.first ?? nil, bounds.count <= 2, let last = bounds.last ?? nil, first <= last
            else { return nil }
            ranges.append(first...last)
        }
        guard !ranges.isEmpty else { return nil }
        self.ranges = ranges
    }

    /// How many seeds there are.
    package var count: UInt64 { ranges.reduce(0) { $0 + $1.upperBound - $1.lowerBound + 1 } }

    /// The seed at an index from 0 on.
    package subscript(index: UInt64) -> UInt64? {
        var left = index
        for range in ranges {
            let count = range.upperBound - range.lowerBound + 1
            if left < count { return range.lowerBound + left }
            left -= count
        }
        return nil
    }
}
