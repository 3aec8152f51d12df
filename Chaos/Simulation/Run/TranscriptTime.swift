/// A virtual time as transcripts show it: seconds with six digits behind the point.
package struct TranscriptTime: CustomStringConvertible {
    package let microseconds: Int64

    package init(_ microseconds: Int64) { self.microseconds = microseconds }

    package var description: String {
        let fraction = String(microseconds % 1_000_000)
        let seconds = String(microseconds / 1_000_000)
        return String(repeating: " ", count: max(0, 5 - seconds.count)) + seconds + "."
            + String(repeating: "0", count: 6 - fraction.count) + fraction
    }
}
