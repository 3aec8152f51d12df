internal import CollabModel
internal import RuntimePorts
internal import RuntimeTesting

/// One node's way to Redis.
///
/// Sound although unchecked: a simulation has one thread.
final class SimulatedLeasePort: LeaseStore, @unchecked Sendable {
    private let redis: SimulatedRedis
    private let link: ServerLink
    private let process: SimulatedProcess
    private let scheduler: SimulatedScheduler
    private var continuations: [AsyncStream<MembershipEvent>.Continuation] = []
    private var listener: Int?

    private static let renewalTimeout: Int64 = 300_000
    private static let callTimeout: Int64 = 1_000_000

    init(network: SimulatedNetwork, host: SimulatedHost, process: SimulatedProcess, redis: SimulatedRedis) {
        self.redis = redis
        self.process = process
        scheduler = network.scheduler
        link = ServerLink(network: network, host: host, process: process, server: redis.host, closesWhenLate: false)
        link.onConnected = { [weak self] again in if again { self?.tell(.reconnected) } }
        listener = redis.listen(self)
    }

    /// The node's process has ended.
    func sever() {
        link.sever()
        if let listener { redis.unlisten(listener) }
        listener = nil
        for continuation in continuations { continuation.finish() }
        continuations = []
    }

    /// The server announces something to this node.
    func announce(_ event: MembershipEvent) {
        link.connection?.send(from: 1) { [weak self] in self?.tell(event) }
    }

    private func tell(_ event: MembershipEvent) {
        for continuation in continuations { continuation.yield(event) }
    }

    // MARK: The port

    func renew(_ node: NodeRecord, timeToLiveMilliseconds: Int) async throws(StoreUnavailable) -> NodeLeaseOutcome {
        try await call(Self.renewalTimeout) { store throws(StoreUnavailable) in
            try await store.renew(node, timeToLiveMilliseconds: timeToLiveMilliseconds)
        }
    }

    func leave(_ node: NodeIdentity) async throws(StoreUnavailable) {
        try await call { store throws(StoreUnavailable) in try await store.leave(node) }
    }

    func members() async throws(StoreUnavailable) -> MembershipSnapshot {
        try await call { store throws(StoreUnavailable) in try await store.members() }
    }

    func lease(of document: DocumentID) async throws(StoreUnavailable) -> DocumentLease? {
        try await call { store throws(StoreUnavailable) in try await store.lease(of: document) }
    }

    func claim(
        _ document: DocumentID, replacing expected: DocumentLease?, with lease: DocumentLease
    ) async throws(StoreUnavailable) -> LeaseClaimOutcome {
        let (confined, name) = (Confined(scheduler), process.name)
        scheduler.tell { names in
            "\(name) → redis: \(names.name(document)) is \(lease.owner.node)'s in epoch \(lease.epoch)"
                + (expected.map { ", no longer \($0.owner.node)'s in epoch \($0.epoch)" } ?? "")
        }
        return try await call { store throws(StoreUnavailable) in
            let outcome = try await store.claim(document, replacing: expected, with: lease)
            if case .held(let other) = outcome {
                confined.value.tell { _ in "redis → \(name): no, it is \(other.owner.node)'s in epoch \(other.epoch)" }
            }
            return outcome
        }
    }

    func release(_ document: DocumentID, _ lease: DocumentLease) async throws(StoreUnavailable) {
        try await call { store throws(StoreUnavailable) in try await store.release(document, lease) }
    }

    func events() -> AsyncStream<MembershipEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: MembershipEvent.self, bufferingPolicy: .bufferingNewest(1))
        continuations.append(continuation)
        return stream
    }

    private func call<Reply: Sendable>(
        _ timeout: Int64 = SimulatedLeasePort.callTimeout,
        _ command: @escaping @Sendable (InMemoryLeaseStore) async throws(StoreUnavailable) -> Reply
    ) async throws(StoreUnavailable) -> Reply {
        let redis = redis
        let outcome: CallOutcome<Result<Reply, StoreUnavailable>> = await link.call(within: timeout) { _, reply in
            let answer = Confined(reply)
            redis.execute {
                do throws(StoreUnavailable) {
                    answer.value(.success(try await command(redis.store)))
                } catch {
                    answer.value(.failure(error))
                }
            }
        }
        switch outcome {
        case .replied(let result): return try result.get()
        case .notSent: throw StoreUnavailable("no connection to Redis")
        case .lost: throw StoreUnavailable("no answer from Redis")
        }
    }
}
