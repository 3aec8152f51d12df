internal import CollabModel
internal import LocalCluster
internal import Randomness

/// What happens to a node's process.
struct NodeNemesis {
    private let fault: FaultSpecification

    init(_ fault: FaultSpecification) { self.fault = fault }

    func prepare(on stage: Stage, random: inout SplitMix64) async throws -> PreparedFault {
        if fault.kind == .nodeAdd { return try await add(on: stage) }
        let node = try await stage.takeNode(fault.target ?? .any, &random)
        let documents = await stage.documents(ownedBy: node)
        let cluster = stage.cluster
        let name = node.id.text
        func prepared(
            _ description: String, begin: @escaping @Sendable () async throws -> Void,
            end: @escaping @Sendable () async throws -> Void
        ) -> PreparedFault {
            PreparedFault([name], documents: documents, taking: [name], description, begin: begin, end: end)
        }
        return switch fault.kind {
        case .nodePause:
            prepared("\(name) stands still") {
                try await cluster.send(.stop, to: node.id)
            } end: {
                try await cluster.send(.resume, to: node.id)
            }
        case .nodeRestart:
            prepared("\(name) is asked to leave") {
                try await cluster.send(.terminate, to: node.id)
            } end: {
                try await stage.stop(node)
                try await cluster.start(node.id)
            }
        case .nodeDrain:
            prepared("\(name) drains") {
                let path = "/api/cluster/nodes/\(name)/drain"
                guard let answer = await LoopbackHTTP.post(path, port: node.port, timeout: .seconds(5)),
                    (200..<300).contains(answer.status)
                else { throw NotNow("\(name) did not answer the request to drain") }
            } end: {
                try await stage.stop(node)
                try await cluster.start(node.id)
            }
        default:
            prepared("\(name) is killed") {
                try await cluster.send(.kill, to: node.id)
            } end: {
                try await cluster.start(node.id)
            }
        }
    }

    private func add(on stage: Stage) async throws -> PreparedFault {
        let node = try await stage.nextNode()
        try await stage.take(node.text)
        return PreparedFault([node.text], taking: [node.text], "\(node) is added") {
            try await stage.addNode(node)
        } end: {
            try await stage.retire(node)
        }
    }
}
