/// Where a node's HTTP/2 endpoint for other nodes listens.
public struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
    public var host: String
    public var port: Int
    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
    public var description: String { "\(host):\(port)" }
}

/// What a node says of itself in its node lease.
public struct NodeRecord: Hashable, Sendable {
    public var id: NodeID
    public var incarnation: Incarnation
    public var peerAddress: PeerAddress
    /// The URL at which editors and operators reach the node, without a trailing slash.
    public var publicURL: String
    /// Relative capacity for placement, 1 and up.
    public var capacity: Int
    /// Whether the node is leaving: it owns what it owns until handed off, and is given nothing new.
    public var isDraining: Bool
    /// How many documents the node owns now.
    public var ownedDocuments: Int
    /// How many sessions the node serves now.
    public var sessions: Int

    public init(
        id: NodeID, incarnation: Incarnation, peerAddress: PeerAddress, publicURL: String, capacity: Int = 100,
        isDraining: Bool = false, ownedDocuments: Int = 0, sessions: Int = 0
    ) {
        self.id = id
        self.incarnation = incarnation
        self.peerAddress = peerAddress
        self.publicURL = publicURL
        self.capacity = capacity
        self.isDraining = isDraining
        self.ownedDocuments = ownedDocuments
        self.sessions = sessions
    }
}

/// A node in one of its lives: what leases and ownership name.
public struct NodeIdentity: Hashable, Sendable, CustomStringConvertible {
    public var node: NodeID
    public var incarnation: Incarnation
    public init(node: NodeID, incarnation: Incarnation) {
        self.node = node
        self.incarnation = incarnation
    }
    public var description: String { "\(node)#\(incarnation)" }
}

extension NodeRecord {
    public var identity: NodeIdentity { NodeIdentity(node: id, incarnation: incarnation) }
}
