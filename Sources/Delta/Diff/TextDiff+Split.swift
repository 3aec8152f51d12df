// How a comparison is split into two smaller ones.
extension TextDiff {
    struct HalfMatch {
        var oldHead: ArraySlice<UInt16>
        var oldTail: ArraySlice<UInt16>
        var newHead: ArraySlice<UInt16>
        var newTail: ArraySlice<UInt16>
        var middle: ArraySlice<UInt16>
    }

    /// A common part that is at least half as long as the longer text, if a quarter of that text leads to one.
    static func halfMatch(_ old: ArraySlice<UInt16>, _ new: ArraySlice<UInt16>) -> HalfMatch? {
        let isOldLonger = old.count > new.count
        let (long, short) = isOldLonger ? (old, new) : (new, old)
        guard long.count >= 4, short.count * 2 >= long.count else { return nil }
        let second = halfMatch(long: long, short: short, seedAt: (long.count + 3) / 4)
        let third = halfMatch(long: long, short: short, seedAt: (long.count + 1) / 2)
        guard var best = second ?? third else { return nil }
        if let second, let third { best = second.middle.count > third.middle.count ? second : third }
        if isOldLonger { return best }
        return HalfMatch(
            oldHead: best.newHead, oldTail: best.newTail, newHead: best.oldHead, newTail: best.oldTail,
            middle: best.middle)
    }

    /// The longest common part around a quarter of the long text; the result takes the long text for the old one.
    private static func halfMatch(
        long: ArraySlice<UInt16>, short: ArraySlice<UInt16>, seedAt offset: Int
    ) -> HalfMatch? {
        let place = long.startIndex + offset
        let seed = long[place..<min(place + long.count / 4, long.endIndex)]
        var best: HalfMatch?
        var bestCount = 0
        var from = 0
        while let found = find(seed, in: short, from: from) {
            from = found + 1
            let other = short.startIndex + found
            let prefix = commonPrefix(long[place...], short[other...])
            let suffix = commonSuffix(long[..<place], short[..<other])
            guard bestCount < prefix + suffix else { continue }
            bestCount = prefix + suffix
            best = HalfMatch(
                oldHead: long[..<(place - suffix)], oldTail: long[(place + prefix)...],
                newHead: short[..<(other - suffix)], newTail: short[(other + prefix)...],
                middle: short[(other - suffix)..<(other + prefix)])
        }
        return bestCount * 2 >= long.count ? best : nil
    }

    /// Finds the middle of a shortest path through the edit graph and compares what is before and behind it.
    static func bisect(_ old: ArraySlice<UInt16>, _ new: ArraySlice<UInt16>) -> [Piece] {
        let middle = old.withUnsafeBufferPointer { old in
            new.withUnsafeBufferPointer { new in
                var search = MiddleSearch(old: old, new: new)
                return search.run()
            }
        }
        guard let (x, y) = middle else { return [Piece(.delete, old), Piece(.insert, new)] }
        let cut = (
            old: old.startIndex + max(0, min(x, old.count)), new: new.startIndex + max(0, min(y, new.count))
        )
        return compare(old[..<cut.old], new[..<cut.new]) + compare(old[cut.old...], new[cut.new...])
    }
}

/// Myers's search from both ends for the middle of a shortest path (section 4b of the paper).
private struct MiddleSearch {
    let old: UnsafeBufferPointer<UInt16>
    let new: UnsafeBufferPointer<UInt16>
    let limit: Int
    // The furthest x reached on each diagonal, from the front and from the back; -1 where no path has been.
    var front: [Int]
    var back: [Int]
    // How many diagonals at each end have left the graph.
    var frontTrim = (start: 0, end: 0)
    var backTrim = (start: 0, end: 0)

    init(old: UnsafeBufferPointer<UInt16>, new: UnsafeBufferPointer<UInt16>) {
        self.old = old
        self.new = new
        limit = (old.count + new.count + 1) / 2
        front = Array(repeating: -1, count: 2 * limit + 2)
        back = front
        front[limit + 1] = 0
        back[limit + 1] = 0
    }

    private var difference: Int { old.count - new.count }

    mutating func run() -> (x: Int, y: Int)? {
        for steps in 0..<limit {
            if let found = stepForward(steps) { return found }
            if let found = stepBackward(steps) { return found }
        }
        return nil
    }

    private mutating func stepForward(_ steps: Int) -> (x: Int, y: Int)? {
        var diagonal = -steps + frontTrim.start
        while diagonal <= steps - frontTrim.end {
            defer { diagonal += 2 }
            let index = limit + diagonal
            let isDown = diagonal == -steps || diagonal != steps && front[index - 1] < front[index + 1]
            var x = isDown ? front[index + 1] : front[index - 1] + 1
            var y = x - diagonal
            while x < old.count, y < new.count, unit(old, x) == unit(new, y) {
                x += 1
                y += 1
            }
            front[index] = x
            if x > old.count {
                frontTrim.end += 2
            } else if y > new.count {
                frontTrim.start += 2
            } else if difference % 2 != 0 {
                let other = limit + difference - diagonal
                if other >= 0, other < 2 * limit, back[other] != -1, x >= old.count - back[other] { return (x, y) }
            }
        }
        return nil
    }

    private mutating func stepBackward(_ steps: Int) -> (x: Int, y: Int)? {
        var diagonal = -steps + backTrim.start
        while diagonal <= steps - backTrim.end {
            defer { diagonal += 2 }
            let index = limit + diagonal
            let isDown = diagonal == -steps || diagonal != steps && back[index - 1] < back[index + 1]
            var x = isDown ? back[index + 1] : back[index - 1] + 1
            var y = x - diagonal
            while x < old.count, y < new.count, unit(old, old.count - x - 1) == unit(new, new.count - y - 1) {
                x += 1
                y += 1
            }
            back[index] = x
            if x > old.count {
                backTrim.end += 2
            } else if y > new.count {
                backTrim.start += 2
            } else if difference % 2 == 0 {
                let other = limit + difference - diagonal
                if other >= 0, other < 2 * limit, front[other] != -1 {
                    let frontX = front[other]
                    if frontX >= old.count - x { return (frontX, limit + frontX - other) }
                }
            }
        }
        return nil
    }

    /// The unit at an index; a number that is no unit outside of the text, where JavaScript has an empty string.
    @inline(__always)
    private func unit(_ text: UnsafeBufferPointer<UInt16>, _ index: Int) -> Int {
        index >= 0 && index < text.count ? Int(text[index]) : -1
    }
}
