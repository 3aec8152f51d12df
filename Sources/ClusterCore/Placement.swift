package import CollabModel
import Randomness

/// The nodes that are believed to be alive, and where documents should be activated among them.
///
/// Placement is rendezvous hashing (Thaler and Ravishankar, "Using Name-Based Mappings to Increase Hit Rates", 1998):
/// every node draws a score for a document and the highest wins, so that a node that joins or leaves moves only the
/// documents that it gains or had. A node draws as often as its share of capacity says.
package struct MembershipView: Sendable, Hashable {
    /// Ordered by node id, without doubles.
    package private(set) var members: [NodeRecord]
    private let drawUnit: Int

    package init(members: [NodeRecord]) {
        var byID: [NodeRecord] = []
        for member in members.sorted(by: { $0.id < $1.id }) where byID.last?.id != member.id { byID.append(member) }
        self.members = byID
        self.drawUnit = byID.map { max(1, $0.capacity) }.reduce(0, Self.greatestCommonDivisor)
    }

    package func member(_ id: NodeID) -> NodeRecord? { members.first { $0.id == id } }

    /// Whether this very life of the node is in the view.
    package func contains(_ identity: NodeIdentity) -> Bool {
        member(identity.node)?.incarnation == identity.incarnation
    }

    /// The node on which the document should be activated: the best that neither leaves nor is excluded.
    package func placement(of document: DocumentID, excluding excluded: Set<NodeID> = []) -> NodeRecord? {
        var best: (score: UInt64, node: NodeRecord)?
        for member in members where !member.isDraining && !excluded.contains(member.id) {
            let score = bestDraw(of: member, for: document)
            // Ordered by id: of two equal scores every node prefers the same one.
            if best.map({ score > $0.score }) ?? true { best = (score, member) }
        }
        return best?.node
    }

    /// The most draws that one node has, which bounds the cost of placing a document.
    private static let maximumDraws = 64

    private func bestDraw(of member: NodeRecord, for document: DocumentID) -> UInt64 {
        let draws = min(Self.maximumDraws, max(1, member.capacity) / max(1, drawUnit))
        let seed = Self.mix(document.value.high ^ Self.mix(document.value.low ^ Self.hash(member.id.text)))
        var best: UInt64 = 0
        for draw in 0..<UInt64(max(1, draws)) { best = max(best, Self.mix(seed &+ draw &* SplitMix64.increment)) }
        return best
    }

    /// FNV-1a, 64 bits.
    private static func hash(_ text: String) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return hash
    }

    /// The number of SplitMix64 that follows a state.
    private static func mix(_ value: UInt64) -> UInt64 { SplitMix64.mixed(value &+ SplitMix64.increment) }

    private static func greatestCommonDivisor(_ left: Int, _ right: Int) -> Int {
        var (larger, smaller) = (max(left, right), min(left, right))
        while smaller != 0 { (larger, smaller) = (smaller, larger % smaller) }
        return larger
    }
}
