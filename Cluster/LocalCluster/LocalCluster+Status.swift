package import CollabModel
internal import Foundation

extension LocalCluster {
    /// What everything does now; all nodes are asked at once.
    package func status() async -> ClusterStatus {
        let entries = state.nodes.map { (node: ClusterNode($0, in: directory), process: $0.process) }
        let nodes = await withTaskGroup(of: (Int, ClusterStatus.Node).self) { group in
            for (index, entry) in entries.enumerated() {
                group.addTask { (index, await Self.status(of: entry.node, entry.process)) }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
        return ClusterStatus(nodes: nodes, servers: await servers())
    }

    /// Which node owns a document: any node that answers knows.
    ///
    /// - Throws: ``LocalClusterError`` with code `not_found` when there is no such document, `no_owner` when nobody
    ///   owns it now, `unreachable` when no node answers.
    package func owner(of document: DocumentID) async throws(LocalClusterError) -> NodeID {
        for node in state.nodes where node.process?.condition == .alive {
            let path = "/api/cluster/documents/\(document)"
            guard let response = await LoopbackHTTP.get(path, port: node.port, timeout: .seconds(3)) else { continue }
            switch response.status {
            case 200:
                let place = try? JSONDecoder().decode(DocumentPlaceAnswer.self, from: Data(response.body))
                guard let owner = place?.owner.flatMap({ NodeID($0.node) }) else {
                    throw LocalClusterError(code: "no_owner", message: "nobody owns \(document) now")
                }
                return owner
            case 404: throw LocalClusterError(code: "not_found", message: "there is no document \(document)")
            default: continue
            }
        }
        throw LocalClusterError(code: "unreachable", message: "no node could say who owns \(document)")
    }

    /// Creates an empty document through any node that answers.
    ///
    /// - Throws: ``LocalClusterError`` with code `not_created` and the answer.
    package func createDocument(title: String, user: String = "local") async throws(LocalClusterError) -> DocumentID {
        struct Answer: Decodable { let id: String }
        var said = "no node answered"
        for node in state.nodes where node.process?.condition == .alive {
            guard let body = try? JSONEncoder().encode(["title": title]),
                let response = await LoopbackHTTP.post(
                    "/api/documents?user=\(user)", json: Array(body), port: node.port, timeout: .seconds(5))
            else { continue }
            if response.status == 201, let answer = try? JSONDecoder().decode(Answer.self, from: Data(response.body)),
                let document = DocumentID(answer.id)
            {
                return document
            }
            said = "\(response.status) \(String(decoding: response.body, as: UTF8.self))"
        }
        throw LocalClusterError(code: "not_created", message: "the document was not created: \(said)")
    }

    /// Asks a node to hand its documents to others, and waits until it owns none or has ended.
    ///
    /// - Throws: ``LocalClusterError`` with code `drain_refused` when it does not accept, or no other node runs that could
    ///   take its documents; `not_drained` when it still owns documents after `timeout`.
    package func drain(_ node: NodeID, within timeout: Duration = .seconds(60)) async throws {
        let place = try index(of: node)
        let entry = nodes[place]
        guard state.nodes.indices.contains(where: { $0 != place && state.nodes[$0].process?.condition == .alive })
        else {
            throw LocalClusterError(
                code: "drain_refused", message: "no other node runs that could take the documents of \(node)")
        }
        let path = "/api/cluster/nodes/\(node)/drain"
        let response = await LoopbackHTTP.post(path, port: entry.port, timeout: .seconds(10))
        guard let response, (200..<300).contains(response.status) else {
            let answer = response.map { "\($0.status) \(String(decoding: $0.body, as: UTF8.self))" } ?? "nothing"
            throw LocalClusterError(code: "drain_refused", message: "\(node) answered \(answer)")
        }
        let deadline = ContinuousClock.now + timeout
        while try process(of: node) != nil {
            if await Self.ownedDocuments(of: entry) == 0 { return }
            guard ContinuousClock.now < deadline else {
                throw LocalClusterError(code: "not_drained", message: "\(node) still owns documents after \(timeout)")
            }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private static func status(of node: ClusterNode, _ process: ProcessIdentity?) async -> ClusterStatus.Node {
        func answer(_ state: ClusterStatus.Condition, documents: Int? = nil) -> ClusterStatus.Node {
            ClusterStatus.Node(
                id: node.id.text, url: node.url, pid: state == .exited ? nil : process?.pid, state: state,
                documents: documents)
        }
        switch process?.condition ?? .gone {
        case .gone:
            process?.reap()
            return answer(.exited)
        case .stopped: return answer(.stopped)
        case .alive:
            guard let ready = await LoopbackHTTP.get("/readyz", port: node.port) else { return answer(.unreachable) }
            return answer(condition(saying: ready), documents: await ownedDocuments(of: node))
        }
    }

    /// What a node says of itself in its answer to `GET /readyz`.
    static func condition(saying answer: LoopbackHTTP.Response) -> ClusterStatus.Condition {
        struct Readiness: Decodable { let status: String }
        if answer.status == 200 { return .running }
        let said = try? JSONDecoder().decode(Readiness.self, from: Data(answer.body))
        return said?.status == "draining" ? .draining : .notReady
    }

    /// The node's own metric `collab_owned_documents`; `nil` when it does not answer.
    private static func ownedDocuments(of node: ClusterNode) async -> Int? {
        guard let response = await LoopbackHTTP.get("/metrics", port: node.port), response.status == 200 else {
            return nil
        }
        let lines = String(decoding: response.body, as: UTF8.self).split(separator: "\n")
        let sample = lines.first { $0.hasPrefix("collab_owned_documents{") || $0.hasPrefix("collab_owned_documents ") }
        return sample?.split(separator: " ").last.flatMap { Double($0) }.map { Int($0) }
    }
}

/// The part of `GET /api/cluster/documents/{id}` that is used.
private struct DocumentPlaceAnswer: Decodable {
    struct Owner: Decodable {
        let node: String
    }

    let owner: Owner?
}
