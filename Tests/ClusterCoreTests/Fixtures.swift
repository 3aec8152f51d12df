import ClusterCore
import CollabModel

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
    var generator = SplitMix64(state: seed)
    return (0..<count).map { _ in DocumentID(.random(using: &generator)) }
}

struct SplitMix64: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
