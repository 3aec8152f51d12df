package import CollabModel
package import Delta

/// The cluster as one node sees it.
package struct ClusterOverview: Sendable, Hashable {
    /// The cluster's configured name.
    package var name: String
    /// The node that answers.
    package var selfID: NodeID
    /// The live members, ordered by id, this node among them.
    package var members: [NodeRecord]
    package init(name: String, selfID: NodeID, members: [NodeRecord]) {
        self.name = name
        self.selfID = selfID
        self.members = members
    }
}

/// Where a document is, as far as the answering node can tell.
package struct DocumentPlace: Sendable, Hashable {
    /// The node that owns the document now; `nil` when nobody does.
    package var owner: NodeID?
    /// The highest epoch that is known.
    package var epoch: Epoch
    /// The highest durable version that is known.
    package var version: Version
    package init(owner: NodeID?, epoch: Epoch, version: Version) {
        self.owner = owner
        self.epoch = epoch
        self.version = version
    }
}

/// A document's content at a version.
package struct ContentAtVersion: Sendable {
    package var version: Version
    package var content: DocumentContent
    package init(version: Version, content: DocumentContent) {
        self.version = version
        self.content = content
    }
}

/// Whether something that the node needs is there.
package struct DependencyStatus: Sendable, Hashable {
    /// For example `postgres`, `redis`, `membership`.
    package var name: String
    package var isReady: Bool
    /// For people; without secrets.
    package var message: String
    package init(name: String, isReady: Bool, message: String) {
        self.name = name
        self.isReady = isReady
        self.message = message
    }
}

/// Whether the node can serve editors now. It is ready when it is not draining and every required dependency is.
package struct NodeReadiness: Sendable, Hashable {
    package var isDraining: Bool
    package var dependencies: [DependencyStatus]
    package init(isDraining: Bool, dependencies: [DependencyStatus]) {
        self.isDraining = isDraining
        self.dependencies = dependencies
    }
    package var isReady: Bool { !isDraining && dependencies.allSatisfy(\.isReady) }
}

package enum ClusterQueryError: Error, Sendable, Hashable {
    /// No such document, or no such node.
    case notFound
    /// The document has never had this version.
    case noSuchVersion
    /// Something that the answer needs cannot be reached; the same question may be asked again.
    case unavailable(String)
    /// The document cannot be loaded whole and verified (guarantee G8).
    case damaged(String)
}

/// What the HTTP API asks of the runtime.
package protocol ClusterQueries: Sendable {
    func overview() async throws(ClusterQueryError) -> ClusterOverview
    /// Who owns a document; throws `notFound` when there is no such document.
    func place(of document: DocumentID) async throws(ClusterQueryError) -> DocumentPlace
    /// The durable content at a version; `nil`: the newest.
    func content(of document: DocumentID, at version: Version?) async throws(ClusterQueryError) -> ContentAtVersion
    /// Asks a member to leave gracefully; returns when it has accepted. This node or another one.
    func drain(_ node: NodeID) async throws(ClusterQueryError)
    /// Asks a member that was asked to leave to stay; a member that does not leave stays as it is. Throws `unavailable`
    /// when its process is ending already.
    func undrain(_ node: NodeID) async throws(ClusterQueryError)
    func readiness() async -> NodeReadiness
}
