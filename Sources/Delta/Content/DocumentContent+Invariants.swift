extension DocumentContent {
    /// Stops the process when the tree is not what it has to be; does nothing in release builds.
    ///
    /// All leaves are equally deep; every node but the root is filled enough and none too much; runs cover their units,
    /// those that belong together are one within a leaf; every summary is what its content says.
    @inlinable
    public func checkInvariants() {
        #if DEBUG
            _checkInvariants()
        #endif
    }

    @usableFromInline
    func _checkInvariants() {
        precondition(root.checked(height: height, isRoot: true) == root.summary, "the root's summary is wrong")
    }
}

extension ContentBranch {
    fileprivate func checked(height: Int, isRoot: Bool) -> ContentSummary {
        if height == 0 {
            guard let leaf = node as? ContentLeaf else { preconditionFailure("a leaf has to be at height 0") }
            precondition(leaf.weight <= ContentLeaf.maximumWeight, "a leaf is too full")
            precondition(isRoot || leaf.weight >= ContentLeaf.minimumWeight, "a leaf is too empty")
            precondition(leaf.runs.reduce(0) { $0 + $1.length } == leaf.count, "the runs do not cover the units")
            var offset = 0
            for (index, run) in leaf.runs.enumerated() {
                precondition(run.length > 0, "a run is empty")
                if run.embed != nil {
                    precondition(run.length == 1 && leaf.units[offset] == Embed.placeholder, "an embed is wrong")
                }
                if index > 0 { precondition(!leaf.runs[index - 1].isContinued(by: run), "two runs should be one") }
                offset += run.length
            }
            return leaf.summarize()
        }
        guard let inner = node as? ContentInner else { preconditionFailure("an inner node has to be above height 0") }
        precondition(inner.children.count >= 2, "an inner node has too few children")
        precondition(inner.children.count <= ContentInner.maximumCount, "an inner node has too many children")
        var summary = ContentSummary()
        for child in inner.children {
            precondition(child.checked(height: height - 1, isRoot: false) == child.summary, "a summary is wrong")
            summary.append(child.summary)
        }
        return summary
    }
}
