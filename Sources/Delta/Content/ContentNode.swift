/// A node of a document's tree: a ``ContentLeaf`` or a ``ContentInner``. All leaves are equally deep.
///
/// Unchecked: a node is changed only through a ``ContentBranch`` that holds the only reference to it, and before that
/// by whoever has just made it; a node that is shared, between threads or not, is never changed.
class ContentNode: @unchecked Sendable {
    /// A node of the same content that may be changed.
    func copy() -> ContentNode { preconditionFailure("a node is a leaf or an inner node") }
}

/// A node with what is known of it, as its parent holds it.
struct ContentBranch: Sendable {
    var node: ContentNode
    var summary: ContentSummary

    /// Makes sure that nobody else sees the node.
    @inline(__always)
    mutating func makeUnique() {
        if !isKnownUniquelyReferenced(&node) { node = node.copy() }
    }

    // Sound: a branch at height 0 holds a leaf, one above an inner node; only the tree's own code makes branches, and
    // `checkInvariants` looks at each.
    @inline(__always)
    var leaf: ContentLeaf { unsafeDowncast(node, to: ContentLeaf.self) }
    @inline(__always)
    var inner: ContentInner { unsafeDowncast(node, to: ContentInner.self) }

    /// Whether the node should be merged with a neighbour.
    func isUnderfull(height: Int) -> Bool {
        height == 0 ? leaf.weight < ContentLeaf.minimumWeight : inner.children.count < ContentInner.minimumCount
    }
}
