internal import ArgumentParser
internal import CollabModel
internal import LocalCluster

/// Whom a command of a local cluster is about: one of its nodes, or a server beside them.
enum ClusterMember: ExpressibleByArgument {
    case node(NodeID)
    case service(ClusterPlan.Service)

    static let help: ArgumentHelp =
        "A node, such as node-1, or a server: \(ClusterPlan.Service.allCases.map(\.name).joined(separator: ", "))."

    init?(argument: String) {
        if let service = ClusterPlan.Service.allCases.first(where: { $0.name == argument.lowercased() }) {
            self = .service(service)
        } else if let node = NodeID(argument) {
            self = .node(node)
        } else {
            return nil
        }
    }

    /// What it is called.
    var name: String {
        switch self {
        case .node(let node): node.text
        case .service(let service): service.name
        }
    }
}
