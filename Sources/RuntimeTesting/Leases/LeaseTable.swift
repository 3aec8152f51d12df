internal import CollabModel
internal import RuntimePorts

/// What the in-memory store holds. Times are milliseconds of the store's clock.
struct LeaseTable {
    private struct NodeLease {
        var record: NodeRecord
        var end: Int64
    }

    private struct Marker {
        var birth: Int64
        var end: Int64
    }

    private var nodes: [NodeID: NodeLease] = [:]
    private var marker: Marker?
    private(set) var leases: [DocumentID: DocumentLease] = [:]

    mutating func renew(_ node: NodeRecord, timeToLive: Int64, now: Int64) -> (NodeLeaseOutcome, isNew: Bool) {
        expire(now)
        marker = Marker(birth: marker?.birth ?? now, end: now + timeToLive)
        let former = nodes[node.id]?.record.incarnation
        if let former, former != node.incarnation { return (.occupied(by: former), false) }
        nodes[node.id] = NodeLease(record: node, end: now + timeToLive)
        return (.held, former == nil)
    }

    /// Says whether the lease was this incarnation's.
    mutating func leave(_ node: NodeIdentity, now: Int64) -> Bool {
        expire(now)
        guard nodes[node.node]?.record.incarnation == node.incarnation else { return false }
        nodes[node.node] = nil
        return true
    }

    mutating func members(now: Int64) -> MembershipSnapshot {
        expire(now)
        return MembershipSnapshot(
            members: nodes.values.map(\.record).sorted { $0.id < $1.id },
            markerAgeMilliseconds: marker.map { Int(now - $0.birth) })
    }

    mutating func claim(
        _ document: DocumentID, replacing expected: DocumentLease?, with lease: DocumentLease
    ) -> LeaseClaimOutcome {
        if let current = leases[document], current != expected, current != lease { return .held(current) }
        leases[document] = lease
        return .claimed
    }

    mutating func release(_ document: DocumentID, _ lease: DocumentLease) {
        if leases[document] == lease { leases[document] = nil }
    }

    private mutating func expire(_ now: Int64) {
        nodes = nodes.filter { $0.value.end > now }
        if let end = marker?.end, end <= now { marker = nil }
    }
}
