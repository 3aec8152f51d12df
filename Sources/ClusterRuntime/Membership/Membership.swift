package import ClusterCore
package import CollabModel
package import Logging
package import RuntimePorts
import Synchronization

/// What the membership tells the node. Called from the membership's task; must return soon.
package protocol MembershipObserver: AnyObject, Sendable {
    func viewChanged(_ view: MembershipView)
    /// The lease store was emptied or the connection to it was lost: leases may have to be written again.
    func leasesMayBeLost()
    /// Another process holds this node's id: this one must exit.
    func identityLost(to other: Incarnation)
}

/// Keeps this node's lease alive and the view of the others fresh.
package final class Membership: Sendable {
    private struct State {
        var record: NodeRecord
        var lease: NodeLeaseMachine
        var view: MembershipView
        var former = FormerMembers()
        /// When the store's marker was made, by our clock; `nil`: never seen.
        var markerMadeAt: Int64?
        var isStoreReachable = false
        weak var observer: (any MembershipObserver)?
    }

    private let state: Mutex<State>
    private let store: any LeaseStore
    private let clock: any RuntimeClock
    private let metrics: any RuntimeMetrics
    private let logger: Logger
    package let identity: NodeIdentity
    package let timing: LeaseTiming

    package init(
        record: NodeRecord, store: any LeaseStore, timing: LeaseTiming, clock: any RuntimeClock,
        metrics: any RuntimeMetrics, logger: Logger
    ) {
        self.store = store
        self.clock = clock
        self.metrics = metrics
        self.logger = logger
        self.timing = timing
        self.identity = record.identity
        self.state = Mutex(
            State(
                record: record, lease: NodeLeaseMachine(timing: timing), view: MembershipView(members: [record])))
    }

    package func setObserver(_ observer: any MembershipObserver) { state.withLock { $0.observer = observer } }

    /// What this node says of itself.
    package var record: NodeRecord { state.withLock { $0.record } }

    /// The last view; this node is always in it.
    package var view: MembershipView { state.withLock { $0.view } }

    /// The public URLs of the members, and of those that were members not long ago.
    package var pageURLs: [String] {
        let now = clock.monotonicMicroseconds()
        return state.withLock { $0.view.members.map(\.publicURL) + $0.former.urls(at: now) }
    }

    package var isStoreReachable: Bool { state.withLock { $0.isStoreReachable } }

    /// Until when the node lease is certainly alive, in monotonic microseconds; 0 when it is not.
    package var leaseHeldUntil: Int64 {
        state.withLock { if case .held(let until) = $0.lease.state { until } else { 0 } }
    }

    /// Whether the node has been a member at least once.
    package var hasJoined: Bool {
        state.withLock {
            switch $0.lease.state {
            case .joining, .waiting: false
            case .held, .lapsed, .contested, .lost: true
            }
        }
    }

    /// Whether a missing node lease says that its node is gone: not for one time to live after the store was emptied,
    /// and not while it cannot be reached.
    package var trustsAbsence: Bool {
        let now = clock.monotonicMicroseconds()
        return state.withLock { state in
            guard state.isStoreReachable, let made = state.markerMadeAt else { return false }
            return now - made > timing.timeToLiveMicroseconds
        }
    }

    /// Updates what the next renewal says.
    package func setLoad(ownedDocuments: Int, sessions: Int) {
        state.withLock {
            $0.record.ownedDocuments = ownedDocuments
            $0.record.sessions = sessions
        }
    }

    /// Says to everybody whether this node leaves: then it is given nothing new.
    package func setDraining(_ isDraining: Bool) async {
        state.withLock { state in
            state.record.isDraining = isDraining
            state.view = Self.including(state.record, in: state.view.members)
        }
        await renew()
    }

    /// Renews and refreshes until cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { [self] in
                for await event in store.events() {
                    if event == .reconnected { state.withLock { $0.observer }?.leasesMayBeLost() }
                    await refresh()
                }
            }
            group.addTask { [self] in
                repeat {
                    await renew()
                    await refresh()
                } while (try? await clock.sleep(for: .milliseconds(timing.renewalMilliseconds))) != nil
            }
        }
    }

    /// Gives the lease up, so that others need not wait for it.
    package func leave() async {
        do { try await store.leave(identity) } catch {
            logger.warning("could not leave", metadata: ["event": "leave_failed", "reason": "\(error)"])
        }
    }

    private func renew() async {
        let record = self.record
        let sentAt = clock.monotonicMicroseconds()
        var change: NodeLeaseMachine.Change?
        do {
            let outcome = try await store.renew(record, timeToLiveMilliseconds: timing.timeToLiveMilliseconds)
            let now = clock.monotonicMicroseconds()
            metrics.leaseRenewal(succeeded: outcome == .held, microseconds: now - sentAt)
            change = state.withLock { state in
                state.isStoreReachable = true
                switch outcome {
                case .held: return state.lease.renewed(sentAt: sentAt, now: now)
                case .occupied(let other): return state.lease.occupied(by: other, now: now)
                }
            }
        } catch {
            let now = clock.monotonicMicroseconds()
            metrics.leaseRenewal(succeeded: false, microseconds: now - sentAt)
            change = state.withLock { state in
                state.isStoreReachable = false
                return state.lease.check(now: now)
            }
        }
        if let change { report(change) }
    }

    private func report(_ change: NodeLeaseMachine.Change) {
        switch change {
        case .joined: logger.info("joined the cluster", metadata: ["event": "node_joined"])
        case .lapsed: logger.warning("node lease lapsed", metadata: ["event": "lease_lapsed"])
        case .recovered:
            logger.info("node lease recovered", metadata: ["event": "lease_recovered"])
            state.withLock { $0.observer }?.leasesMayBeLost()
        case .lost(let other):
            logger.critical(
                "another process runs under this node's id",
                metadata: ["event": "identity_lost", "incarnation": "\(other)"])
            state.withLock { $0.observer }?.identityLost(to: other)
        }
    }

    /// Reads who is alive. Leaves the view as it is when the store cannot be reached.
    package func refresh() async {
        let askedAt = clock.monotonicMicroseconds()
        guard let snapshot = try? await store.members() else { return }
        let now = clock.monotonicMicroseconds()
        let (changed, wasEmptied, observer) = state.withLock {
            state -> (MembershipView?, Bool, (any MembershipObserver)?) in
            var wasEmptied = false
            if let age = snapshot.markerAgeMilliseconds {
                // The marker was made between these two, by how long the question took. It is younger for certain than
                // the one that we knew only when even the earlier is later: then the store was emptied since. Read
                // anew each time, so that clocks may drift.
                let earliest = askedAt - Int64(age) * 1_000
                if let known = state.markerMadeAt, earliest > known + Self.markerTolerance { wasEmptied = true }
                state.markerMadeAt = now - Int64(age) * 1_000
            } else if state.markerMadeAt != nil {
                wasEmptied = true
                state.markerMadeAt = now
            }
            // In an emptied store absence says nothing: keep whom we knew until it may be trusted again.
            var members = snapshot.members
            let isYoung = state.markerMadeAt.map { now - $0 <= timing.timeToLiveMicroseconds } ?? true
            if isYoung { members += state.view.members }
            let view = Self.including(state.record, in: members)
            let changed = view.members.map(Placeable.init) != state.view.members.map(Placeable.init)
            if changed { state.former.note(state.view.members.map(\.publicURL), at: now) }
            state.view = view
            return (changed ? view : nil, wasEmptied, state.observer)
        }
        if wasEmptied {
            logger.warning("the lease store was emptied", metadata: ["event": "lease_store_emptied"])
            observer?.leasesMayBeLost()
        }
        if let changed {
            metrics.members(changed.members.count)
            observer?.viewChanged(changed)
        }
    }

    /// What two readings of one marker's age may differ by, in microseconds: ages are whole milliseconds.
    private static let markerTolerance: Int64 = 20_000

    private static func including(_ record: NodeRecord, in members: [NodeRecord]) -> MembershipView {
        // The first of two records with one id stands: ours, then the store's, then those that are remembered.
        MembershipView(members: [record] + members.filter { $0.id != record.id })
    }
}

/// What of a record matters to placement; loads change all the time.
private struct Placeable: Equatable {
    let identity: NodeIdentity
    let isDraining: Bool
    let capacity: Int
    let address: PeerAddress

    init(_ record: NodeRecord) {
        identity = record.identity
        isDraining = record.isDraining
        capacity = record.capacity
        address = record.peerAddress
    }
}
