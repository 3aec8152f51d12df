package import CollabModel
package import Logging
package import NIOCore
package import RedisClient
package import RuntimePorts

/// Leases and membership in Redis (architecture.md, "Who owns a document").
///
/// Nothing works before ``run()`` does. Every call returns within its timeout; while Redis cannot be reached, calls
/// fail at once.
package final class RedisLeaseStore: LeaseStore {
    /// How long calls may take.
    package struct Timeouts: Sendable {
        /// For one renewal of the node's lease: short, so that a Redis that hangs is noticed while the lease lives.
        package var renewal: Duration
        /// For every other call.
        package var call: Duration

        /// Describes timeouts; by default 300 ms for a renewal and 1 s for the rest.
        package init(renewal: Duration = .milliseconds(300), call: Duration = .seconds(1)) {
            self.renewal = renewal
            self.call = call
        }
    }

    /// For how long the index of members keeps a node that renews no more, in milliseconds: so much longer than a
    /// lease that a node which is only late never misses from it.
    private static let indexRetentionMilliseconds = 60_000

    let keys: LeaseKeys
    let client: RedisClient
    let timeouts: Timeouts
    private let logger: Logger
    private let states: LinkStates
    private let subscriber: RedisSubscriber
    private let broadcaster: MembershipBroadcaster

    /// Makes a store with two connections, which ``run()`` keeps.
    ///
    /// - Parameters:
    ///   - cluster: keeps clusters that share a Redis apart.
    ///   - eventLoopGroup: must outlive ``run()``.
    package init(
        endpoint: RedisEndpoint, cluster: ClusterName, eventLoopGroup: any EventLoopGroup, logger: Logger,
        timeouts: Timeouts = .init(), configuration: RedisConfiguration = .init()
    ) {
        let keys = LeaseKeys(cluster: cluster)
        let broadcaster = MembershipBroadcaster()
        self.keys = keys
        self.broadcaster = broadcaster
        self.timeouts = timeouts
        self.logger = logger
        let log = LinkLog(logger: logger, endpoint: endpoint)
        let states = LinkStates(["commands", "announcements"])
        self.states = states
        client = RedisClient(endpoint: endpoint, eventLoopGroup: eventLoopGroup, configuration: configuration) {
            states.record($0, of: "commands")
            log.record($0, of: "commands")
        }
        subscriber = RedisSubscriber(
            endpoint: endpoint, channels: [keys.changes], eventLoopGroup: eventLoopGroup, configuration: configuration
        ) {
            states.record($0, of: "announcements")
            log.record($0, of: "announcements")
        } receive: { event in
            switch event {
            case .subscribed(again: true): broadcaster.send(.reconnected)
            case .subscribed(again: false): break
            case .message: broadcaster.send(.changed)
            }
        }
    }

    /// What the connections are doing now.
    package var links: DependencyLinks { states.links }

    /// Keeps the connections until the task is cancelled; then every call fails and every stream of events ends.
    package func run() async {
        await withTaskGroup { group in
            group.addTask { await self.client.run() }
            group.addTask { await self.subscriber.run() }
        }
        broadcaster.finish()
    }

    package func renew(_ node: NodeRecord, timeToLiveMilliseconds: Int) async throws(StoreUnavailable)
        -> NodeLeaseOutcome
    {
        let lifetime = String(timeToLiveMilliseconds)
        let retention = max(Self.indexRetentionMilliseconds, 10 * timeToLiveMilliseconds)
        let replies = try await evaluate(
            [
                LeaseScripts.renewNode.call(
                    keys.node(node.id), node.incarnation.description, NodeRecordCoding.text(node), lifetime,
                    keys.changes),
                LeaseScripts.writeMarker.call(keys.marker, lifetime),
                LeaseScripts.indexNode.call(keys.members, node.id.text, String(retention)),
            ], until: client.deadline(timeouts.renewal))
        guard let holder = replies.first?.text else { return .held }
        guard let incarnation = Int64(holder) else { throw unreadable("a renewal") }
        return .occupied(by: Incarnation(incarnation))
    }

    package func leave(_ node: NodeIdentity) async throws(StoreUnavailable) {
        let deadline = client.deadline(timeouts.call)
        let replies = try await evaluate(
            [LeaseScripts.leaveNode.call(keys.node(node.node), node.incarnation.description, keys.changes)],
            until: deadline)
        guard replies.first == .integer(1) else { return }
        // A node that joins under this id between the two is missing from the index until its next renewal.
        _ = try await send([RedisCommand("ZREM", keys.members, node.node.text)], until: deadline)
    }

    package func members() async throws(StoreUnavailable) -> MembershipSnapshot {
        let deadline = client.deadline(timeouts.call)
        let index = try await send([RedisCommand("ZRANGE", keys.members, "0", "-1")], until: deadline)
        guard case .array(let entries)? = index.first else { throw unreadable("the index of members") }
        let ids = entries.compactMap { $0.text.flatMap { NodeID($0) } }.sorted()
        let records = try await send(ids.map { RedisCommand("GET", keys.node($0)) }, until: deadline)
        // Last: a store that is emptied in between must not look as if it had an old marker and no members.
        let age = try await evaluate([LeaseScripts.markerAge.call(keys.marker)], until: deadline)
        return MembershipSnapshot(
            members: zip(ids, records).compactMap { record(of: $0, from: $1) },
            markerAgeMilliseconds: age.first.flatMap { if case .integer(let age) = $0 { Int(age) } else { nil } })
    }

    package func lease(of document: DocumentID) async throws(StoreUnavailable) -> DocumentLease? {
        let replies = try await send(
            [RedisCommand("GET", keys.lease(document))], until: client.deadline(timeouts.call))
        guard let text = replies.first?.text else { return nil }
        guard let lease = LeaseCoding.lease(text) else {
            logger.warning("a document's lease is unreadable and counts as none", metadata: ["document": "\(document)"])
            return nil
        }
        return lease
    }

    package func claim(
        _ document: DocumentID, replacing expected: DocumentLease?, with lease: DocumentLease
    ) async throws(StoreUnavailable) -> LeaseClaimOutcome {
        let replies = try await evaluate(
            [
                LeaseScripts.claim.call(
                    keys.lease(document), expected.map(LeaseCoding.text) ?? "", LeaseCoding.text(lease))
            ], until: client.deadline(timeouts.call))
        if replies.first == .integer(1) { return .claimed }
        guard let holder = replies.first?.text.flatMap(LeaseCoding.lease) else { throw unreadable("a claim") }
        return .held(holder)
    }

    package func release(_ document: DocumentID, _ lease: DocumentLease) async throws(StoreUnavailable) {
        _ = try await evaluate(
            [LeaseScripts.release.call(keys.lease(document), LeaseCoding.text(lease))],
            until: client.deadline(timeouts.call))
    }

    package func events() -> AsyncStream<MembershipEvent> { broadcaster.events() }

    private func record(of id: NodeID, from reply: RedisValue) -> NodeRecord? {
        guard let text = reply.text else { return nil }
        guard let record = NodeRecordCoding.record(text), record.id == id else {
            logger.warning("a node's record is unreadable; the node is passed over", metadata: ["node": "\(id)"])
            return nil
        }
        return record
    }
}
