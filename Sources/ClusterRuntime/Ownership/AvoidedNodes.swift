import CollabModel

/// Whom documents are not to be given to for a while: a gateway of the document, or its owner, did not reach that node,
/// and would have the document taken from it again, or wait for it in vain. Times in monotonic microseconds.
struct AvoidedNodes: Sendable {
    /// How long it is remembered.
    static let memory: Int64 = 60_000_000

    private var nodes: [DocumentID: (node: NodeIdentity, until: Int64)] = [:]

    mutating func avoid(_ node: NodeIdentity, for document: DocumentID, now: Int64) {
        nodes = nodes.filter { $0.value.until > now }
        nodes[document] = (node, now + Self.memory)
    }

    /// The life of a node that the document is not to be given to now.
    func node(for document: DocumentID, now: Int64) -> NodeIdentity? {
        nodes[document].flatMap { $0.until > now ? $0.node : nil }
    }
}
