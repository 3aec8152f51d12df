/// Runs in order, where runs that belong together have been made one.
struct ContentRuns {
    private(set) var runs: [ContentRun] = []

    /// Adds a run; one without length adds nothing.
    mutating func append(_ run: ContentRun) {
        guard run.length > 0 else { return }
        if let last = runs.last, last.isContinued(by: run) {
            runs[runs.count - 1].length += run.length
        } else {
            runs.append(run)
        }
    }
}

/// Collects content of any length and cuts it into leaves of about the same weight.
struct ContentAssembler {
    private var units: [UInt16] = []
    private var runs = ContentRuns()

    /// Adds units that are one run.
    mutating func append(_ source: UnsafeBufferPointer<UInt16>, _ run: ContentRun) {
        units.append(contentsOf: source)
        runs.append(run)
    }

    /// Adds a part of a leaf, with the attributes changed on the way.
    mutating func append(
        _ leaf: ContentLeaf, _ from: Int, _ to: Int, _ change: (Attributes) -> Attributes = { $0 }
    ) {
        units.append(contentsOf: UnsafeBufferPointer(start: leaf.units + from, count: to - from))
        var start = 0
        for var run in leaf.runs {
            let end = start + run.length
            run.length = min(end, to) - max(start, from)
            start = end
            guard run.length > 0 else { continue }
            run.attributes = change(run.attributes)
            runs.append(run)
        }
    }

    /// The leaves of what was added, filled to `fill` at most; one leaf, maybe empty, at least.
    consuming func leaves(fill: Int = 512) -> [ContentBranch] {
        let weight = units.count + ContentLeaf.runWeight * runs.runs.count
        let parts = max(1, (weight + fill - 1) / fill)
        // Each cut may make one run more.
        var result = cut(target: min(fill, (weight + ContentLeaf.runWeight * (parts - 1)) / parts + 1))
        if result.count > 1, let last = result.last, last.isUnderfull(height: 0) {
            var tail = ContentAssembler()
            for branch in result.suffix(2) { tail.append(branch.leaf, 0, branch.leaf.count) }
            result.removeLast(2)
            result += tail.leaves(fill: ContentLeaf.roomyFill)
        }
        return result
    }

    private consuming func cut(target: Int) -> [ContentBranch] {
        var result: [ContentBranch] = []
        units.withUnsafeBufferPointer { units in
            var start = 0
            var end = 0
            var pending: [ContentRun] = []
            var pendingWeight = 0
            func flush() {
                let leaf = ContentLeaf(UnsafeBufferPointer(rebasing: units[start..<end]), pending)
                result.append(ContentBranch(node: leaf, summary: leaf.summarize()))
                start = end
                pending.removeAll(keepingCapacity: true)
                pendingWeight = 0
            }
            for var run in runs.runs {
                while run.length > 0 {
                    var part = run
                    part.length = min(run.length, max(1, target - pendingWeight - ContentLeaf.runWeight))
                    run.length -= part.length
                    pending.append(part)
                    pendingWeight += part.length + ContentLeaf.runWeight
                    end += part.length
                    if pendingWeight >= target { flush() }
                }
            }
            if !pending.isEmpty || result.isEmpty { flush() }
        }
        return result
    }
}
