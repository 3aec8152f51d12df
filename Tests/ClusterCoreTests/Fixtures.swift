import ClusterCore
import CollabModel
import Randomness

/// A node with the number in its id, in its first life unless said otherwise.
func node(_ number: Int, life: Int64 = 1, capacity: Int = 100, isDraining: Bool = false) -> NodeRecord {
    NodeRecord(
        id: NodeID("node-\(number)")!, incarnation: Incarnation(life),
        peerAddress: PeerAddress(host: "127.0.0.1", port: 4_000 + number),
        publicURL: "http://127.0.0.1:\(3_000 + number)",
        capacity: capacity, isDraining: isDraining)
}

/// The same documents for the same seed.
func documents(_ count: Int, seed: UInt64) -> [DocumentID] {
    var generator = SplitMix64(seed: seed)
    return (0..<count).map { _ in DocumentID(.random(using: &generator)) }
}
