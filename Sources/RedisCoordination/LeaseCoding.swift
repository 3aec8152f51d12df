internal import CollabModel
internal import RuntimePorts

/// The text form of a document's lease: `node incarnation epoch`, in decimal, with one space between. A node id has
/// no space. Scripts compare it as a whole.
enum LeaseCoding {
    static func text(_ lease: DocumentLease) -> String {
        "\(lease.owner.node) \(lease.owner.incarnation) \(lease.epoch)"
    }

    /// Reads the text form; `nil` for anything else.
    static func lease(_ text: String) -> DocumentLease? {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, let node = NodeID(String(words[0])), let incarnation = Int64(words[1]),
            let epoch = Int64(words[2])
        else { return nil }
        return DocumentLease(
            owner: NodeIdentity(node: node, incarnation: Incarnation(incarnation)), epoch: Epoch(epoch))
    }
}
