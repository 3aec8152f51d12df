package import ClusterCore
package import CollabModel
package import DocumentCore
package import Logging
package import PeerProtocol
package import RuntimePorts
import Synchronization

/// What a node's runtime is made of.
package struct ClusterNodeConfiguration: Sendable {
    package var clusterName: String
    package var record: NodeRecord
    package var timing: LeaseTiming
    package var limits: DocumentLimits
    /// Handoffs that run at the same time.
    package var concurrentHandOffs: Int

    package init(
        clusterName: String, record: NodeRecord, timing: LeaseTiming = LeaseTiming(),
        limits: DocumentLimits = DocumentLimits(), concurrentHandOffs: Int = 8
    ) {
        self.clusterName = clusterName
        self.record = record
        self.timing = timing
        self.limits = limits
        self.concurrentHandOffs = concurrentHandOffs
    }
}

/// One node of the cluster: its membership, the documents that it owns and those that it follows for its sessions.
package final class ClusterNode: Sendable {
    let configuration: ClusterNodeConfiguration
    let services: RuntimeServices
    let directory: DocumentDirectory
    let catalog: any DocumentCatalog
    private let supervisor = TaskSupervisor()
    private let departure = Mutex(Departure())
    private let feed: ChangeFeed?
    let sampler: ActivitySampler
    private let onIdentityLost: @Sendable (Incarnation) -> Void
    /// Handoffs that have begun and not ended, by document, so that none is begun twice.
    private let moving = Mutex<[DocumentID: Int64]>([:])

    package init(
        configuration: ClusterNodeConfiguration, leases: any LeaseStore, log: any OperationLog,
        snapshots: any SnapshotStore, catalog: any DocumentCatalog, transport: any PeerTransport,
        clock: any RuntimeClock, metrics: any RuntimeMetrics, tracer: any OperationTracer = NoOperationTracer(),
        logger: Logger,
        changes: ChangeFeedPorts? = nil,
        processUsage: @escaping @Sendable () -> ProcessUsage = { ProcessUsage() },
        onIdentityLost: @escaping @Sendable (Incarnation) -> Void
    ) {
        self.configuration = configuration
        self.catalog = catalog
        self.onIdentityLost = onIdentityLost
        sampler = ActivitySampler(clock: clock, processUsage: processUsage)
        let membership = Membership(
            record: configuration.record, store: leases, timing: configuration.timing, clock: clock, metrics: metrics,
            logger: logger)
        let feed = changes.map {
            ChangeFeed(
                broker: $0.broker, positions: $0.positions, log: log, membership: membership, clock: clock,
                metrics: metrics, logger: logger)
        }
        self.feed = feed
        services = RuntimeServices(
            membership: membership, leases: leases, log: log, snapshots: snapshots,
            loader: DocumentLoader(log: log, snapshots: snapshots, logger: logger), transport: transport,
            writer: LogWriter(log: log, clock: clock, metrics: metrics, logger: logger, feed: feed), clock: clock,
            metrics: metrics, tracer: tracer, logger: logger, limits: configuration.limits)
        directory = DocumentDirectory(services: services, supervisor: supervisor)
        membership.setObserver(self)
    }

    /// Runs until cancelled. Owners release what they hold; call ``drain()`` before to hand it over instead.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.services.membership.run() }
            group.addTask { await self.services.writer.run() }
            group.addTask { await self.supervisor.run() }
            group.addTask { await self.keepTime() }
            if let feed = self.feed { group.addTask { await feed.run() } }
        }
    }

    /// Whether the node is leaving.
    private struct Departure {
        var isDraining = false
        /// The process ends: the node is not asked to stay any more.
        var isFinal = false
        /// Counts the drains, so that one that was taken back ends even when the next has begun.
        var drains = 0
    }

    private var isDraining: Bool { departure.withLock { $0.isDraining } }

    /// Leaves in order: takes nothing new, hands every document over, gives the lease up. Sessions stay open meanwhile;
    /// whoever serves them closes them afterwards. Cannot be taken back.
    package func drain() async {
        departure.withLock { $0.isFinal = true }
        // Also when an operator's drain is under way, or has left something: this one does not return before.
        await handEverythingOver(again: true)
    }

    /// Takes documents again after an operator's drain. `false`: the process is about to end.
    func undrain() async -> Bool {
        let (isFinal, wasDraining) = departure.withLock { departure in
            guard !departure.isFinal else { return (true, true) }
            defer { departure.isDraining = false }
            return (false, departure.isDraining)
        }
        guard !isFinal else { return false }
        guard wasDraining else { return true }
        services.logger.info("takes documents again", metadata: ["event": "drain_revoked"])
        await tellDeparture()
        return true
    }

    /// Makes the rest of the node and the other nodes believe what ``departure`` says. Whoever changed it calls this; the
    /// last of several to write looks once more, so that what stays is the last change.
    private func tellDeparture() async {
        var told: Bool
        repeat {
            told = isDraining
            directory.setDraining(told)
            await services.membership.setDraining(told)
        } while told != isDraining
    }

    private func handEverythingOver(again: Bool = false) async {
        let drain = departure.withLock { departure -> Int? in
            guard again || !departure.isDraining else { return nil }
            departure.isDraining = true
            departure.drains += 1
            return departure.drains
        }
        guard let drain else { return }
        func goesOn() -> Bool { departure.withLock { $0.isDraining && $0.drains == drain } }
        services.logger.info("draining", metadata: ["event": "drain_started"])
        await tellDeparture()
        let bound = services.clock.monotonicMicroseconds() + 10_000_000
        while goesOn(), services.clock.monotonicMicroseconds() < bound {
            let owners = directory.activeOwners
            if owners.isEmpty || services.membership.view.members.allSatisfy(\.isDraining) { break }
            rebalance(limit: configuration.concurrentHandOffs)
            guard (try? await services.clock.sleep(for: .milliseconds(5))) != nil else { break }
        }
        guard goesOn() else { return }
        services.logger.info(
            "drained", metadata: ["event": "drain_finished", "documents_left": "\(directory.activeOwners.count)"])
    }

    /// Ends the sessions and gives the node lease up; the last thing before ``run()`` is cancelled.
    package func leave() async {
        directory.close()
        // What is left, another node finds in the log.
        await feed?.flush(withinMilliseconds: 2_000)
        await services.membership.leave()
    }

    /// How many operations wait to be durable, and for how long the oldest of them has (microseconds; 0 when none is
    /// under way).
    package var appendBacklog: (operations: Int, lagMicroseconds: Int64) {
        let backlog = services.writer.backlog
        let lag = backlog.oldest.map { max(0, services.clock.monotonicMicroseconds() - $0) }
        return (backlog.operations, lag ?? 0)
    }

    package var hasJoined: Bool { services.membership.hasJoined }

    // MARK: Time

    private func keepTime() async {
        var beats = 0
        while (try? await services.clock.sleep(for: .milliseconds(250))) != nil {
            beats += 1
            let owners = directory.activeOwners
            let replicas = directory.replicas
            for owner in owners { owner.tick() }
            for replica in replicas { replica.post(.tick) }
            services.membership.setLoad(
                ownedDocuments: owners.count, sessions: replicas.reduce(0) { $0 + $1.sessionCount })
            if beats % 4 == 0, !isDraining {
                rebalance(limit: configuration.concurrentHandOffs / 2)
            }
        }
    }

    // MARK: Handoffs

    private static let handOffBoundMicroseconds: Int64 = 5_000_000

    /// Begins handoffs of documents whose place is elsewhere.
    private func rebalance(limit: Int) {
        let now = services.clock.monotonicMicroseconds()
        let owners = directory.activeOwners
        let underway = moving.withLock { moving -> Set<DocumentID> in
            let owned = Set(owners.map(\.document))
            moving = moving.filter { owned.contains($0.key) && now - $0.value < Self.handOffBoundMicroseconds }
            return Set(moving.keys)
        }
        guard underway.count < limit else { return }
        let candidates = owners.filter { !underway.contains($0.document) }
        let moves = RebalancePlan.moves(
            of: candidates.map {
                .init(
                    document: $0.document, recentSubmissions: $0.takeSubmissionCount(),
                    avoided: directory.avoided(for: $0.document))
            },
            from: services.membership.identity.node, in: services.membership.view, limit: limit - underway.count)
        for (document, successor) in moves {
            moving.withLock { $0[document] = now }
            directory.owner(of: document)?.post(.input(.handOff(to: successor)))
        }
    }

    // MARK: Leases after an outage

    /// Writes the leases of everything that is owned again.
    private func writeLeases() async {
        for owner in directory.activeOwners {
            let lease = DocumentLease(owner: services.membership.identity, epoch: owner.epoch)
            guard
                case .held(let other)? = try? await services.leases.claim(owner.document, replacing: nil, with: lease),
                other != lease
            else { continue }
            if other.epoch < lease.epoch {
                _ = try? await services.leases.claim(owner.document, replacing: other, with: lease)
            } else {
                // The lease says that this node was succeeded: the log knows whether it is so.
                owner.post(.doubted)
            }
        }
    }
}

extension ClusterNode: MembershipObserver {
    package func viewChanged(_ view: MembershipView) {
        feed?.membersChanged()
        services.logger.info(
            "membership changed",
            metadata: [
                "event": "membership_changed",
                "members":
                    "\(view.members.map { $0.isDraining ? "\($0.id) (draining)" : "\($0.id)" }.joined(separator: " "))",
            ])
    }

    package func leasesMayBeLost() { supervisor.start { await self.writeLeases() } }

    package func identityLost(to other: Incarnation) { onIdentityLost(other) }
}

extension ClusterNode: SessionHost {
    package func attach(
        _ request: SessionRequest, to document: DocumentID, outbox: any SessionOutbox
    ) -> any SessionInbox {
        directory.attach(request, to: document, outbox: outbox)
    }
}

extension ClusterNode: PeerService {
    package func open(_ request: OpenRequest, from gateway: NodeIdentity) async -> OpenDecision {
        await directory.open(request)
    }

    package func answer(_ request: PeerRequest, from node: NodeIdentity) async -> PeerResponse {
        switch request {
        case .probe: return .alive(services.membership.record)
        case .takeOver(let document, let epoch, _):
            if let owner = directory.owner(of: document), owner.epoch <= epoch {
                // The peer owns it under a later epoch: ours has passed, and this owner has not heard of it.
                owner.post(.doubted)
                return .failed("this node's epoch \(owner.epoch) of the document has passed")
            }
            switch await directory.activate(document, .handedOver(epoch, by: node.node)) {
            case .success(let owner): return .tookOver(owner.epoch)
            case .failure(let declined): return .failed("\(declined.refusal)")
            }
        case .canYouReach(let address, let milliseconds):
            let timeout = Duration.milliseconds(min(max(milliseconds, 1), 5_000))
            return .reachable((try? await services.transport.probe(address, timeout: timeout)) != nil)
        case .locate(let document):
            guard let owner = directory.owner(of: document) else { return .notOwner }
            let figures = owner.currentFigures
            return .located(owner.epoch, figures.version, sessions: figures.sessions)
        case .superseded(let document, let epoch):
            if let owner = directory.owner(of: document), owner.epoch < epoch { owner.post(.doubted) }
            return .noted
        case .drain:
            supervisor.start { await self.handEverythingOver() }
            return .draining
        case .undrain: return await undrain() ? .noted : .failed("the node is about to end")
        case .report(let query): return .report(report(query))
        }
    }
}
