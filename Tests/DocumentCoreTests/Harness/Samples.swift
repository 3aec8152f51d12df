import CollabModel
import Delta
import DocumentCore

func clientID(_ number: Int) -> ClientID { ClientID(Identifier128(high: 0xC11E, low: UInt64(number))) }

func profile(_ number: Int) -> ClientProfile {
    ClientProfile(userID: UserID("user-\(number)")!, name: "User \(number)", color: "#00aa00")
}

func operationID(_ text: String) -> OperationID { OperationID(text)! }

let sampleDocument = DocumentID(Identifier128(high: 0xD0C, low: 1))

func identity(_ number: Int) -> NodeIdentity {
    NodeIdentity(node: NodeID("node-\(number)")!, incarnation: Incarnation(Int64(number) + 1))
}

func record(_ number: Int) -> NodeRecord {
    NodeRecord(
        id: identity(number).node, incarnation: identity(number).incarnation,
        peerAddress: PeerAddress(host: "127.0.0.1", port: 4001 + number), publicURL: "http://127.0.0.1:3001")
}

extension Delta {
    static func inserting(_ text: String, at position: Int = 0) -> Delta {
        var delta = Delta()
        if position > 0 { delta.retain(position) }
        delta.insert(text)
        return delta
    }

    static func deleting(_ length: Int, at position: Int = 0) -> Delta {
        var delta = Delta()
        if position > 0 { delta.retain(position) }
        delta.delete(length)
        return delta
    }
}
