internal import CollabModel
internal import RuntimePorts

extension LeaseStoreContract {
    /// A time to live that does not end during a case.
    static let long = 60_000
    /// A time to live whose end a case waits for.
    static let short = 60

    static func node(_ id: String, _ incarnation: Int64 = 1) throws(Violation) -> NodeRecord {
        guard let id = NodeID(id) else { throw Violation(description: "\(id) is no node id") }
        return NodeRecord(
            id: id, incarnation: Incarnation(incarnation), peerAddress: PeerAddress(host: "127.0.0.1", port: 4001),
            publicURL: "http://127.0.0.1:3001")
    }

    static func lease(_ id: String, incarnation: Int64 = 1, epoch: Int64) throws(Violation) -> DocumentLease {
        DocumentLease(owner: try node(id, incarnation).identity, epoch: Epoch(epoch))
    }

    static let document = DocumentID(Identifier128(high: 0x0123_4567_89AB_4DEF, low: 0x8123_4567_89AB_CDEF))
    static let otherDocument = DocumentID(Identifier128(high: 0x0123_4567_89AB_4DEF, low: 0x8123_4567_89AB_CDE0))
}
