internal import ClusterRuntime
internal import CollabModel
internal import DocumentCore
internal import Logging
internal import RuntimePorts

/// A node of the cluster over its lives: the machine that it runs on, and the process that runs there now.
final class SimulatedNode {
    let id: NodeID
    let address: PeerAddress
    let host: SimulatedHost
    private unowned let simulation: SimulatedWorld
    private var lives: Int64 = 0
    private(set) var life: NodeLife?

    init(_ number: Int, in simulation: SimulatedWorld) {
        id = NodeID("n\(number)") ?? simulation.anyNode
        address = PeerAddress(host: "n\(number)", port: 4_001)
        self.simulation = simulation
        host = simulation.network.addHost("n\(number)", distance: 20...200)
    }

    var isRunning: Bool { life != nil }
    var isStopped: Bool { life?.process.isStopped ?? false }

    /// Starts a process with a new incarnation.
    func start() {
        guard life == nil else { return }
        lives += 1
        let record = NodeRecord(
            id: id, incarnation: Incarnation(lives), peerAddress: address, publicURL: "http://\(id)")
        let life = NodeLife(record, on: host, in: simulation) { [weak self] in self?.exited($0) }
        self.life = life
        host.isUp = true
        host.process = life.process
        host.transport = life.transport
        host.accept = { [weak life] connection in life?.accept(connection) }
        simulation.network.disown(host)
        life.start()
        simulation.tell { "\(self.id) starts" }
    }

    /// Ends the process at once.
    func crash(_ manner: NodeDeath) {
        guard let life else { return }
        self.life = nil
        host.process = nil
        host.transport = nil
        host.accept = nil
        host.isUp = manner != .silent
        life.end(manner)
    }

    /// Leaves in order: hands everything over, then ends.
    func drain() { life?.drain() }

    func stop() {
        guard let life, life.process.isRunning else { return }
        simulation.scheduler.stop(life.process)
        simulation.network.reachabilityChanged()
    }

    func resume() {
        guard let life, life.process.isStopped else { return }
        simulation.scheduler.resume(life.process)
        simulation.network.reachabilityChanged()
    }

    /// The process ended by itself: drained, or because another life holds its id.
    private func exited(_ life: NodeLife) {
        guard self.life === life else { return }
        simulation.tell { "\(self.id) exits" }
        crash(.closing)
        simulation.scheduler.after(simulation.network.draw(500_000...3_000_000), as: simulation.scheduler.world) {
            [self] in start()
        }
    }
}

/// One life of a node's process: the production runtime on simulated ports.
final class NodeLife {
    let record: NodeRecord
    let process: SimulatedProcess
    let transport: SimulatedPeerTransport
    let node: ClusterNode
    private let simulation: SimulatedWorld
    private let leases: SimulatedLeasePort
    private let log: SimulatedLogPort
    private var sessions: [Int: GatewaySession] = [:]
    private var root: Task<Void, Never>?
    private let onExit: (NodeLife) -> Void
    private var isLeaving = false

    init(
        _ record: NodeRecord, on host: SimulatedHost, in simulation: SimulatedWorld,
        onExit: @escaping (NodeLife) -> Void
    ) {
        self.record = record
        self.simulation = simulation
        self.onExit = onExit
        process = simulation.scheduler.makeProcess(record.id.text)
        let network = simulation.network
        leases = SimulatedLeasePort(network: network, host: host, process: process, redis: simulation.redis)
        log = SimulatedLogPort(network: network, host: host, process: process, postgres: simulation.postgres)
        transport = SimulatedPeerTransport(
            network: network, identity: record.identity, host: host, process: process,
            encodes: simulation.plan.encodesPeerFrames, streamBound: simulation.plan.streamBound,
            resolve: { [unowned simulation] address in simulation.nodes.first { $0.address == address }?.host })
        let exit = NodeExit()
        node = ClusterNode(
            configuration: .init(clusterName: "simulation", record: record, limits: simulation.plan.limits),
            leases: leases, log: log, snapshots: log, catalog: log, transport: transport,
            clock: SimulatedClock(simulation.scheduler, of: process), metrics: simulation.metrics,
            logger: simulation.logger(of: record.id.text), onIdentityLost: { _ in exit.call() })
        transport.setService(node)
        exit.action = { [weak self] in self?.leave() }
    }

    func start() {
        simulation.scheduler.run(as: process) {
            root = Task { [node] in await node.run() }
        }
    }

    /// Ends the process: nothing that it still does has an effect.
    func end(_ manner: NodeDeath) {
        for number in sessions.keys.sorted() { sessions[number]?.abandon() }
        sessions = [:]
        simulation.network.abandon(process, manner)
        simulation.scheduler.end(process)
        simulation.scheduler.run(as: process) {
            transport.sever()
            leases.sever()
            log.sever()
            root?.cancel()
        }
    }

    func drain() {
        guard !isLeaving, process.isRunning else { return }
        isLeaving = true
        simulation.scheduler.run(as: process) {
            let leaving = Confined { [weak self] in self?.leave() ?? () }
            Task { [node] in
                await node.drain()
                leaving.value()
            }
        }
        // As a process manager does with a process that does not end.
        simulation.scheduler.after(30_000_000, as: simulation.scheduler.world) { [weak self] in
            guard let self, !process.hasEnded else { return }
            onExit(self)
        }
    }

    /// What a process does when it has handed everything over: closes its sessions, gives up its lease, ends its actors.
    private func leave() {
        guard !process.hasEnded else { return }
        let ended = Confined { [weak self] in
            guard let self, !process.hasEnded else { return }
            onExit(self)
        }
        simulation.scheduler.run(as: process) {
            let root = root
            Task { [node] in
                await node.leave()
                root?.cancel()
                await root?.value
                ended.value()
            }
        }
    }

    // MARK: Connections

    func accept(_ connection: SimulatedConnection) {
        if connection.hasHeartbeats { transport.accept(connection) }
    }

    /// Attaches an editor that has connected: called as this process's doing.
    func attach(_ session: GatewaySession, _ request: SessionRequest, to document: DocumentID) {
        guard !process.hasEnded else { return }
        sessions[session.number] = session
        session.begin(node.attach(request, to: document, outbox: session))
    }

    func forget(_ session: GatewaySession) { sessions[session.number] = nil }
}

/// What a node calls to end its process. Sound although unchecked: a simulation has one thread.
private final class NodeExit: @unchecked Sendable {
    var action: (() -> Void)?
    func call() { action?() }
}
