internal import CollabModel
internal import PeerProtocol
internal import RuntimePorts

/// A node's transport on the simulated network: one connection to each peer that it dials, with heartbeats, and any
/// number of streams and requests on it.
///
/// Sound although unchecked: a simulation has one thread.
final class SimulatedPeerTransport: PeerTransport, @unchecked Sendable {
    let network: SimulatedNetwork
    let identity: NodeIdentity
    let host: SimulatedHost
    let process: SimulatedProcess
    /// Finds the host behind an address.
    private let resolve: (PeerAddress) -> SimulatedHost?
    private var links: [PeerAddress: PeerLink] = [:]
    private var accepted: [Int: PeerStreams] = [:]
    private(set) var service: (any PeerService)?
    private(set) var hasEnded = false
    /// Whether messages go through the codec, as on the wire.
    let encodes: Bool
    /// How many messages may wait on a stream.
    let streamBound: Int

    init(
        network: SimulatedNetwork, identity: NodeIdentity, host: SimulatedHost, process: SimulatedProcess,
        encodes: Bool, streamBound: Int, resolve: @escaping (PeerAddress) -> SimulatedHost?
    ) {
        self.network = network
        self.identity = identity
        self.host = host
        self.process = process
        self.encodes = encodes
        self.streamBound = streamBound
        self.resolve = resolve
    }

    func setService(_ service: any PeerService) { self.service = service }

    /// The process has ended: whoever waits is told so, and no stream says anything any more.
    func sever() {
        hasEnded = true
        service = nil
        for address in links.keys.sorted(by: { $0.description < $1.description }) { links[address]?.sever() }
        for number in accepted.keys.sorted() { accepted[number]?.abandon() }
        links = [:]
        accepted = [:]
    }

    /// Takes a connection that a peer made.
    func accept(_ connection: SimulatedConnection) {
        guard !hasEnded else { return }
        let streams = PeerStreams(connection: connection, side: 1, bound: streamBound, encodes: encodes)
        accepted[connection.number] = streams
        streams.onEnd = { [weak self] _ in self?.accepted[connection.number] = nil }
    }

    /// The streams of a connection that a peer made to this node.
    func streams(of connection: SimulatedConnection) -> PeerStreams? { accepted[connection.number] }

    // MARK: The port

    func open(
        _ request: OpenRequest, to address: PeerAddress, timeout: Duration,
        handler: @escaping @Sendable (PeerStreamEvent<OwnerFrame>) -> Void
    ) async throws(PeerFailure) -> OpenResult {
        let identity = identity
        let (scheduler, name) = (network.scheduler, process.name)
        scheduler.tell { "\(name) → \(address.host): \($0.words(request))" }
        return try await call(address, timeout) { link, connection, pending in
            connection.send(from: 0) {
                guard let remote = link.remote, let there = remote.streams(of: connection), let service = remote.service
                else { return }
                let finish = Confined { (decision: OpenDecision) in
                    switch decision {
                    case .declined(let refusal):
                        scheduler.tell { "\(address.host) → \(name): \($0.words(refusal))" }
                        connection.send(from: 1) { pending.answer(.success(.declined(refusal))) }
                    case .accepted(let attach):
                        guard let here = link.streams, here.connection === connection else { return }
                        let ends = PeerStreams.connect(here, there)
                        connection.send(from: 1) {
                            // Whoever gave up waiting wants no stream.
                            guard pending.answer(.success(.opened(ends.replica))) else { return ends.replica.close() }
                            ends.replica.deliver(to: handler)
                        }
                        ends.owner.deliver(to: attach(ends.owner))
                    }
                }
                Task { finish.value(await service.open(request, from: identity)) }
            }
        }
    }

    func request(_ request: PeerRequest, to address: PeerAddress, timeout: Duration)
        async throws(PeerFailure) -> PeerResponse
    {
        let identity = identity
        let (scheduler, name) = (network.scheduler, process.name)
        scheduler.tell { names in names.words(request).map { "\(name) → \(address.host): \($0)" } }
        return try await call(address, timeout) { link, connection, pending in
            connection.send(from: 0) {
                guard let service = link.remote?.service else { return }
                let finish = Confined { (response: PeerResponse) in
                    scheduler.tell { names in names.words(response).map { "\(address.host) → \(name): \($0)" } }
                    connection.send(from: 1) { pending.answer(.success(response)) }
                }
                Task { finish.value(await service.answer(request, from: identity)) }
            }
        }
    }

    func probe(_ address: PeerAddress, timeout: Duration) async throws(PeerFailure) {
        _ = try await request(.probe, to: address, timeout: timeout)
    }

    // MARK: Calls

    private func call<Success: Sendable>(
        _ address: PeerAddress, _ timeout: Duration,
        _ send: @escaping (PeerLink, SimulatedConnection, PendingAnswer<Result<Success, PeerFailure>>) -> Void
    ) async throws(PeerFailure) -> Success {
        let pending = PendingAnswer<Result<Success, PeerFailure>>()
        let result = await withTaskCancellationHandler {
            await pending.wait { begin(address, timeout, pending, send) }
        } onCancel: {
            pending.answer(.failure(.closed))
        }
        return try result.get()
    }

    private func begin<Success: Sendable>(
        _ address: PeerAddress, _ timeout: Duration, _ pending: PendingAnswer<Result<Success, PeerFailure>>,
        _ send: @escaping (PeerLink, SimulatedConnection, PendingAnswer<Result<Success, PeerFailure>>) -> Void
    ) {
        guard !hasEnded, !pending.isAnswered else { return _ = pending.answer(.failure(.closed)) }
        guard let peer = resolve(address) else { return _ = pending.answer(.failure(.refused)) }
        let scheduler = network.scheduler
        let timer = scheduler.after(process.time.virtual(timeout.microseconds), as: process) {
            pending.answer(.failure(.silent))
        }
        let link = links[address] ?? PeerLink(transport: self, peer: peer)
        links[address] = link
        let ticket = link.use { result in
            switch result {
            case .success(let connection): if !pending.isAnswered { send(link, connection, pending) }
            case .failure(let failure): pending.answer(.failure(failure))
            }
        }
        pending.onAnswer = {
            scheduler.cancel(timer)
            link.finish(ticket)
        }
    }
}
