/// A node with children.
final class ContentInner: ContentNode, @unchecked Sendable {
    static let maximumCount = 16
    static let minimumCount = 5

    // Without dynamic checks for exclusive access, for the reason given at `ContentLeaf`.
    @exclusivity(unchecked) var children: [ContentBranch]

    init(_ children: [ContentBranch]) { self.children = children }

    override func copy() -> ContentNode { ContentInner(children) }

    /// Everything that is known of the children together.
    func summarize() -> ContentSummary {
        var summary = ContentSummary()
        for child in children { summary.append(child.summary) }
        return summary
    }

    /// Parents of the branches, as few and as equally filled as can be.
    static func parents(of branches: [ContentBranch]) -> [ContentBranch] {
        let parts = (branches.count + maximumCount - 1) / maximumCount
        return (0..<parts).map { part in
            let range = branches.count * part / parts..<branches.count * (part + 1) / parts
            let node = ContentInner(Array(branches[range]))
            return ContentBranch(node: node, summary: node.summarize())
        }
    }
}

// MARK: Changing

extension ContentBranch {
    /// Inserts a run at an offset; returns what did not fit, as branches that follow this one at the same height.
    mutating func insert(
        _ source: UnsafeBufferPointer<UInt16>, _ run: ContentRun, at offset: Int, height: Int
    ) -> [ContentBranch] {
        makeUnique()
        guard height > 0 else {
            let leaf = self.leaf
            if leaf.insert(source, run, at: offset, &summary) { return [] }
            var assembler = ContentAssembler()
            assembler.append(leaf, 0, offset)
            assembler.append(source, run)
            assembler.append(leaf, offset, leaf.count)
            return replace(with: assembler.leaves())
        }
        let inner = self.inner
        var index = 0
        var offset = offset
        let last = inner.children.count - 1
        while index < last, offset > inner.children[index].summary.length {
            offset -= inner.children[index].summary.length
            index += 1
        }
        let more = inner.children[index].insert(source, run, at: offset, height: height - 1)
        if more.isEmpty {
            summary = inner.summarize()
            return []
        }
        inner.children.insert(contentsOf: more, at: index + 1)
        return settle()
    }

    /// Removes units. Something must be left.
    mutating func remove(_ from: Int, _ to: Int, height: Int) {
        makeUnique()
        guard height > 0 else { return leaf.remove(from, to, &summary) }
        let inner = self.inner
        var start = 0
        var index = 0
        var touched: Int?
        while index < inner.children.count, start < to {
            let length = inner.children[index].summary.length
            let low = max(from - start, 0)
            let high = min(to - start, length)
            start += length
            if low >= high {
                index += 1
            } else if low == 0 && high == length {
                if touched == nil { touched = index }
                inner.children.remove(at: index)
            } else {
                if touched == nil { touched = index }
                inner.children[index].remove(low, high, height: height - 1)
                index += 1
            }
        }
        if let touched {
            // At most the two children at the ends of the range are left with too little.
            inner.rebalance(at: min(touched + 1, inner.children.count - 1), height: height - 1)
            inner.rebalance(at: min(touched, inner.children.count - 1), height: height - 1)
        }
        summary = inner.summarize()
    }

    /// Changes attributes; returns what did not fit, as ``insert(_:_:at:height:)``.
    mutating func format(
        _ from: Int, _ to: Int, height: Int, _ change: (Attributes) -> Attributes
    ) -> [ContentBranch] {
        makeUnique()
        guard height > 0 else {
            let leaf = self.leaf
            var assembler = ContentAssembler()
            assembler.append(leaf, 0, from)
            assembler.append(leaf, from, to, change)
            assembler.append(leaf, to, leaf.count)
            return replace(with: assembler.leaves(fill: ContentLeaf.roomyFill))
        }
        let inner = self.inner
        var children: [ContentBranch] = []
        children.reserveCapacity(inner.children.count + 2)
        var start = 0
        for index in inner.children.indices {
            let length = inner.children[index].summary.length
            let low = max(from - start, 0)
            let high = min(to - start, length)
            start += length
            var more: [ContentBranch] = []
            if low < high { more = inner.children[index].format(low, high, height: height - 1, change) }
            children.append(inner.children[index])
            children.append(contentsOf: more)
        }
        inner.children = children
        inner.rebalanceAll(height: height - 1)
        return settle()
    }

    /// Puts these, all of this height, in the place of the node; returns all but the first.
    private mutating func replace(with branches: [ContentBranch]) -> [ContentBranch] {
        self = branches[0]
        return Array(branches.dropFirst())
    }

    /// Splits an inner node that has too many children and sums it up.
    private mutating func settle() -> [ContentBranch] {
        guard inner.children.count > ContentInner.maximumCount else {
            summary = inner.summarize()
            return []
        }
        return replace(with: ContentInner.parents(of: inner.children))
    }
}

extension ContentInner {
    /// Merges a child that has too little with a neighbour, or shares the neighbour's out; says whether it did.
    @discardableResult
    func rebalance(at index: Int, height: Int) -> Bool {
        guard children.count > 1, children[index].isUnderfull(height: height) else { return false }
        let left = index > 0 ? index - 1 : index
        let pair = children[left...left + 1]
        var merged: [ContentBranch]
        if height == 0 {
            var assembler = ContentAssembler()
            for child in pair { assembler.append(child.leaf, 0, child.leaf.count) }
            merged = assembler.leaves(fill: ContentLeaf.roomyFill)
        } else {
            merged = Self.parents(of: pair.flatMap { $0.inner.children })
            // A child that had no neighbour to be merged with has one now.
            for part in merged.indices {
                merged[part].inner.rebalanceAll(height: height - 1)
                merged[part].summary = merged[part].inner.summarize()
            }
        }
        children.replaceSubrange(left...left + 1, with: merged)
        return merged.count == 1
    }

    /// Rebalances every child that has too little.
    func rebalanceAll(height: Int) {
        var index = 0
        while index < children.count {
            if !rebalance(at: index, height: height) { index += 1 } else { index = max(0, index - 1) }
        }
    }
}
