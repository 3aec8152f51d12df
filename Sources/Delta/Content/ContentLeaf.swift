/// Up to some hundred units of a document with their runs, in memory that is changed in place.
///
/// Its size is a compromise: an edit moves and hashes part of one leaf, and copies it when an older document shares it.
final class ContentLeaf: ContentNode, @unchecked Sendable {
    /// The most that a leaf may hold, where each unit counts 1 and each run ``runWeight``; also the units that fit.
    static let maximumWeight = 640
    /// The least that a leaf may hold that is not the only one.
    static let minimumWeight = 160
    static let runWeight = 8
    /// As full as a leaf is made that is not expected to grow.
    static let roomyFill = maximumWeight - 2 * runWeight

    // Owned: allocated in `init`, freed in `deinit`, of `maximumWeight` units of which the first `count` are set.
    let units: UnsafeMutablePointer<UInt16>
    // Without dynamic checks for exclusive access, a tenth of an edit: as a node is changed only by the holder of its
    // only reference, and no closure of others is called meanwhile, two accesses cannot overlap.
    @exclusivity(unchecked) private(set) var count: Int
    @exclusivity(unchecked) private(set) var runs: [ContentRun]

    /// Makes a leaf of units and the runs that cover them, which must not be too many.
    init(_ source: UnsafeBufferPointer<UInt16>, _ runs: [ContentRun]) {
        precondition(source.count + Self.runWeight * runs.count <= Self.maximumWeight)
        units = .allocate(capacity: Self.maximumWeight)
        if let base = source.baseAddress { units.update(from: base, count: source.count) }
        count = source.count
        self.runs = runs
    }

    deinit { units.deallocate() }

    override func copy() -> ContentNode { ContentLeaf(UnsafeBufferPointer(start: units, count: count), runs) }

    var weight: Int { count + Self.runWeight * runs.count }

    /// Everything that is known of the leaf, computed anew.
    func summarize() -> ContentSummary {
        var summary = ContentSummary()
        summary.length = count
        summary.pairEnds = Self.pairEnds(units, count)
        summary.bytes = runs.reduce(2 * count) { $0 + $1.bytes }
        summary.hash = hash(0, count)
        summary.power = HashPowers.shared.power(count)
        return summary
    }

    /// The hash of the units from one offset to another.
    func hash(_ from: Int, _ to: Int) -> HashPair {
        let powers = HashPowers.shared
        var result = HashPair.zero
        var start = 0
        for run in runs {
            let end = start + run.length
            defer { start = end }
            guard end > from else { continue }
            guard start < to else { break }
            let low = max(start, from)
            let part = min(end, to) - low
            let hash: HashPair
            if let embed = run.embed {
                let number = UInt64(embed.box.digestTerm) + UInt64(run.attributes.digestTerm)
                hash = HashPair(number, number)
            } else {
                hash = powers.hash(units + low, count: part, term: run.attributes.digestTerm)
            }
            result = low == from ? hash : result.times(powers.power(part), plus: hash)
        }
        return result
    }

    @inline(__always)
    static func pairEnds(_ units: UnsafePointer<UInt16>, _ count: Int) -> Int {
        var result = 0
        for index in 0..<count where units[index] & 0xFC00 == 0xDC00 { result &+= 1 }
        return result
    }
}

// MARK: Changing in place

extension ContentLeaf {
    /// Puts a run of so many units at an offset and keeps the summary true; `false` when there is no room for it.
    func insert(
        _ source: UnsafeBufferPointer<UInt16>, _ run: ContentRun, at offset: Int, _ summary: inout ContentSummary
    ) -> Bool {
        guard let base = source.baseAddress, weight + source.count + 2 * Self.runWeight <= Self.maximumWeight else {
            return false
        }
        let added = source.count
        let behind = count - offset
        let (index, start) = locate(offset)
        let extended = extendedRun(by: run, at: offset, index, start)
        if extended != nil {
            let powers = HashPowers.shared
            let own = powers.hash(base, count: added, term: run.attributes.digestTerm)
            // The shorter side is hashed, the other follows from the whole.
            let right: HashPair
            if behind <= offset {
                right = hash(offset, count)
            } else {
                right = summary.hash.minus(hash(0, offset).times(powers.power(behind)))
            }
            let left = summary.hash.minus(right)
            let power = powers.power(added)
            summary.hash = left.times(power, plus: own.times(powers.power(behind), plus: right))
            summary.power = summary.power.times(power)
            summary.length += added
            summary.bytes += 2 * added
            summary.pairEnds += Self.pairEnds(base, added)
        }
        (units + offset + added).update(from: units + offset, count: behind)
        (units + offset).update(from: base, count: added)
        count += added
        if let extended {
            runs[extended].length += added
            return true
        }
        let end = index < runs.count ? start + runs[index].length : start
        if offset == start {
            runs.insert(run, at: index)
        } else if offset == end {
            runs.insert(run, at: index + 1)
        } else {
            var rest = runs[index]
            rest.length = end - offset
            runs[index].length = offset - start
            runs.insert(contentsOf: [run, rest], at: index + 1)
        }
        summary = summarize()
        return true
    }

    /// Takes units out and keeps the summary true. Something must be left.
    func remove(_ from: Int, _ to: Int, _ summary: inout ContentSummary) {
        let removed = to - from
        let behind = count - to
        let (index, start) = locate(from + 1)
        let isWithinRun = to <= start + runs[index].length && removed < runs[index].length
        if isWithinRun {
            let powers = HashPowers.shared
            let own = hash(from, to).times(powers.power(behind))
            let right: HashPair
            if behind <= from {
                right = hash(to, count)
            } else {
                right = summary.hash.minus(hash(0, from).times(powers.power(removed + behind))).minus(own)
            }
            let left = summary.hash.minus(right).minus(own)
            summary.hash = left.times(powers.inversePower(removed), plus: right)
            summary.power = powers.power(count - removed)
            summary.length -= removed
            summary.bytes -= 2 * removed
            summary.pairEnds -= Self.pairEnds(units + from, removed)
        }
        (units + from).update(from: units + to, count: behind)
        count -= removed
        if isWithinRun {
            runs[index].length -= removed
            return
        }
        var kept = ContentRuns()
        var offset = 0
        for var run in runs {
            let end = offset + run.length
            run.length -= max(0, min(end, to) - max(offset, from))
            offset = end
            kept.append(run)
        }
        runs = kept.runs
        summary = summarize()
    }

    /// The run in which a unit inserted at the offset would go, preferring the one to the left, and where it starts.
    private func locate(_ offset: Int) -> (index: Int, start: Int) {
        var start = 0
        var index = 0
        while index < runs.count, start + runs[index].length < offset {
            start += runs[index].length
            index += 1
        }
        return (index, start)
    }

    /// The index of the run that an insert at the offset only makes longer.
    private func extendedRun(by run: ContentRun, at offset: Int, _ index: Int, _ start: Int) -> Int? {
        guard index < runs.count else { return nil }
        if runs[index].isContinued(by: run) { return index }
        guard index + 1 < runs.count, offset == start + runs[index].length else { return nil }
        return run.isContinued(by: runs[index + 1]) ? index + 1 : nil
    }
}
