package import CollabModel

/// A node of a local cluster, as one addresses it.
package struct ClusterNode: Sendable, Hashable, Identifiable {
    /// `node-1`, `node-2` …
    package let id: NodeID
    /// 1 for `node-1`.
    package let number: Int
    /// The port of HTTP and WebSocket.
    package let port: Int
    /// The port for other nodes.
    package let peerPort: Int
    /// The file with everything that the node has logged.
    package let log: String

    /// Where the page and the HTTP API are: `http://127.0.0.1:PORT`.
    package var url: String { "http://127.0.0.1:\(port)" }

    init(_ state: ClusterState.Node, in directory: RunDirectory) {
        id = Self.id(state.number)
        number = state.number
        port = state.port
        peerPort = state.peerPort
        log = directory.log(of: id.text)
    }

    static func id(_ number: Int) -> NodeID {
        guard let id = NodeID("node-\(number)") else { preconditionFailure("letters, digits and a hyphen make an id") }
        return id
    }
}
