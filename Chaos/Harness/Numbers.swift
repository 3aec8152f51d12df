internal import Foundation

extension Double {
    /// With so many digits behind the point, and blanks before up to a width.
    func padded(_ digits: Int, width: Int = 0) -> String {
        let text = String(format: "%.\(digits)f", self)
        return String(repeating: " ", count: max(0, width - text.count)) + text
    }
}

extension [Int64] {
    /// The value below which a share of the sorted values lies (the nearest rank); `nil` of nothing.
    func percentile(_ share: Double) -> Int64? {
        guard !isEmpty else { return nil }
        return self[Swift.min(count - 1, Int((share * Double(count)).rounded(.up)) - (share > 0 ? 1 : 0))]
    }
}
