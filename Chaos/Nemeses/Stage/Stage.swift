package import CollabModel
package import LocalCluster
import Randomness

/// A cluster whose links run through a proxy, with what nemeses need to know of it.
package actor Stage {
    package nonisolated let cluster: LocalCluster
    package nonisolated let proxy: FaultProxy
    nonisolated let routes: NodeRoutes
    nonisolated let clocks: ShiftedClocks?
    /// The documents of the load, and how many clients edit them.
    private(set) var documents: [DocumentID] = []
    private(set) var clients = 0
    /// Makes clients stop for good, without a word.
    private(set) var crowd: (any ClientCrowd)?
    /// Which nodes and servers a fault has now that no other may have as well.
    private var taken: Set<String> = []
    /// Nodes that a fault has added, and that have left again.
    private var spares: [ClusterNode] = []

    init(_ cluster: LocalCluster, _ proxy: FaultProxy, _ routes: NodeRoutes, _ clocks: ShiftedClocks?) {
        self.cluster = cluster
        self.proxy = proxy
        self.routes = routes
        self.clocks = clocks
    }

    /// Names the load.
    package func meet(documents: [DocumentID], clients: Int, crowd: any ClientCrowd) {
        self.documents = documents
        self.clients = clients
        self.crowd = crowd
    }

    /// Finds out whom a fault meets, and takes them. ``release(_:)`` has to follow, whether or not it begins.
    ///
    /// - Parameter seed: decides who plays the role, among those who can.
    /// - Throws: ``NotNow``, or what went wrong.
    package func prepare(_ fault: FaultSpecification, seed: UInt64) async throws -> PreparedFault {
        var random = SplitMix64(seed: seed)
        switch fault.kind {
        case .nodeKill, .nodeRestart, .nodePause, .nodeAdd, .nodeDrain:
            return try await NodeNemesis(fault).prepare(on: self, random: &random)
        case .redisKill, .redisFlush, .redisPause: return try RedisNemesis(fault).prepare(on: self)
        case .postgresKill, .postgresRestart, .postgresPause, .postgresDisconnect, .postgresDiskFull:
            return try PostgresNemesis(fault).prepare(on: self)
        case .rabbitMQKill, .rabbitMQPause: return try BrokerNemesis(fault).prepare(on: self)
        case .linkCut, .linkDelay, .linkThrottle, .linkDrop, .linkReset, .linkTruncate, .linkRefuse:
            return try await LinkNemesis(fault).prepare(on: self, random: &random)
        case .clockShift: return try await ClockNemesis(fault).prepare(on: self, random: &random)
        case .clientGone: return try await ClientNemesis(fault).prepare(on: self, random: &random)
        }
    }

    /// Gives back what a fault took: it is over, or did not begin.
    package func release(_ fault: PreparedFault) { taken.subtract(fault.taken) }

    // MARK: Who is free

    /// Takes a server or node for one fault, whose ``PreparedFault/taken`` names it.
    func take(_ name: String) throws(NotNow) {
        guard taken.insert(name).inserted else { throw NotNow("\(name) is in another fault already") }
    }

    /// Finds a node for a role and takes it; one node is always left alone.
    func takeNode(_ role: TargetRole, _ random: inout SplitMix64) async throws -> ClusterNode {
        let node = try await node(for: role, &random)
        let running = try await runningNodes()
        let free = running.filter { !taken.contains($0.id.text) }
        guard free.contains(node) else { throw NotNow("\(node.id) is in another fault already") }
        guard free.count > 1 else { throw NotNow("\(node.id) is the last node without a fault") }
        try take(node.id.text)
        return node
    }

    /// Finds a node for a role; it may be in other faults.
    func node(for role: TargetRole, _ random: inout SplitMix64) async throws -> ClusterNode {
        let running = try await runningNodes()
        var candidates = running.filter { !taken.contains($0.id.text) }
        if candidates.isEmpty { candidates = running }
        switch role {
        case .node(let number):
            guard let node = running.first(where: { $0.number == number }) else {
                throw NotNow("node-\(number) does not run")
            }
            return node
        case .owner, .gateway:
            guard let document = documents.randomElement(using: &random) else { throw NotNow("there is no document") }
            guard let owner = try? await cluster.owner(of: document) else {
                throw NotNow("nobody could say who owns \(document)")
            }
            if role == .owner {
                guard let node = running.first(where: { $0.id == owner }) else { throw NotNow("\(owner) does not run") }
                return node
            }
            guard let node = candidates.filter({ $0.id != owner }).randomElement(using: &random) else {
                throw NotNow("there is no node but the owner")
            }
            return node
        case .any, .all, .redis, .postgres:
            guard let node = candidates.randomElement(using: &random) else { throw NotNow("no node runs") }
            return node
        }
    }

    func runningNodes() async throws -> [ClusterNode] {
        var running: [ClusterNode] = []
        for node in await cluster.nodes where try await cluster.process(of: node.id) != nil { running.append(node) }
        return running
    }

    /// The load's documents that a node owns now.
    func documents(ownedBy node: ClusterNode) async -> [String] {
        var owned: [String] = []
        for document in documents where (try? await cluster.owner(of: document)) == node.id {
            owned.append(document.description)
        }
        return owned
    }

    // MARK: Nodes that come and go

    /// The name of the node that ``addNode(_:)`` would start now: one that has left, or a new one.
    func nextNode() async throws -> NodeID {
        if let spare = spares.last(where: { !taken.contains($0.id.text) }) { return spare.id }
        let count = await cluster.nodes.count
        guard count < ProxiedCluster.mostNodes, let id = NodeID("node-\(count + 1)") else {
            throw NotNow("there are \(ProxiedCluster.mostNodes) nodes already")
        }
        return id
    }

    func addNode(_ id: NodeID) async throws {
        if spares.contains(where: { $0.id == id }) {
            try await cluster.start(id)
            spares.removeAll { $0.id == id }
        } else {
            _ = try await cluster.add()
        }
    }

    /// Asks a node to leave and waits for it.
    func retire(_ id: NodeID) async throws {
        guard let node = await cluster.nodes.first(where: { $0.id == id }) else { return }
        spares.append(node)
        try await stop(node)
    }

    /// Asks a node to leave, and kills it when it does not.
    func stop(_ node: ClusterNode) async throws {
        guard let process = try await cluster.process(of: node.id) else { return }
        try process.send(.terminate)
        guard await process.waitForExit(within: .seconds(40)) else {
            try process.send(.kill)
            _ = await process.waitForExit(within: .seconds(5))
            throw LocalClusterError(code: "not_stopped", message: "\(node.id) did not leave within 40 s of SIGTERM")
        }
    }

    /// The nodes that ought to run and do not: nothing that was done here has ended them.
    package func deadNodes() async throws -> [NodeID] {
        var dead: [NodeID] = []
        for node in await cluster.nodes where !taken.contains(node.id.text) && !spares.contains(node) {
            if try await cluster.process(of: node.id) == nil { dead.append(node.id) }
        }
        return dead
    }
}

/// The clients of a load, as far as a fault can meet them.
package protocol ClientCrowd: Sendable {
    /// Chooses clients that are still there.
    ///
    /// - Returns: their numbers, which are those of their links.
    func choose(_ count: Int, seed: UInt64) async -> [Int]
    /// Makes clients stop for good. Their links carry nothing any more, so that nobody hears of it.
    func vanish(_ numbers: [Int]) async
}
