package import CollabModel

/// The keys of one cluster. Every command touches one of them, so that they may lie on different nodes of a Redis
/// Cluster.
package struct LeaseKeys: Sendable, Hashable {
    private let prefix: String

    /// Names the keys of the cluster with this name.
    package init(cluster: ClusterName) { prefix = "collab:\(cluster)" }

    /// When the marker was born, in milliseconds since 1970 by Redis's clock.
    package var marker: String { prefix + ":marker" }
    /// A sorted set: node ids by the time of their last renewal, in milliseconds since 1970 by Redis's clock.
    package var members: String { prefix + ":members" }
    /// The channel on which joins and leaves are announced.
    package var changes: String { prefix + ":changes" }
    /// A node's lease.
    package func node(_ id: NodeID) -> String { prefix + ":node:" + id.text }
    /// A document's lease.
    package func lease(_ document: DocumentID) -> String { prefix + ":lease:" + document.description }
}

/// Names a cluster, so that several can use one Redis.
package struct ClusterName: Sendable, Hashable, CustomStringConvertible {
    package let text: String

    /// Makes a name from 1 to 63 letters, digits, `-`, `_` or `.`; `nil` otherwise.
    package init?(_ text: String) {
        guard NodeID(text) != nil else { return nil }
        self.text = text
    }

    package var description: String { text }
}
