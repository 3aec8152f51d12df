internal import CollabModel
internal import DocumentCore
internal import RuntimePorts

/// Counts what the nodes report, for the figures of a campaign.
///
/// Sound although unchecked: a simulation has one thread.
final class SimulationMetrics: RuntimeMetrics, @unchecked Sendable {
    var isOn: Bool { true }
    private(set) var counts: [String: Int] = [:]

    func count(_ what: String) { counts[what, default: 0] += 1 }

    func owner(_ observation: OwnerObservation) {
        switch observation {
        case .committed: break
        case .duplicate: count("duplicates answered")
        case .rejected(_, let code, _): count("submissions answered \(code.rawValue)")
        }
    }
    func replica(_ observation: ReplicaObservation) {
        switch observation {
        case .resync: count("resyncs")
        case .slowSession: count("slow sessions")
        case .heldSubmissions, .rejected: break
        }
    }
    func received(microseconds: Int64) {}
    func ownedDocuments(_ count: Int) {}
    func openReplicas(_ count: Int) {}
    func documentState(_ document: DocumentID, version: Version, epoch: Epoch, sessions: Int) {}
    func documentReleased(_ document: DocumentID) {}
    func failover(_ cause: FailoverCause, microseconds: Int64) { count("failovers: \(cause.rawValue)") }
    func handOff(succeeded: Bool, microseconds: Int64) { count(succeeded ? "handoffs" : "handoffs abandoned") }
    func fencedAppend() { count("appends fenced") }
    func leaseRenewal(succeeded: Bool, microseconds: Int64) {}
    func appendBatch(operations: Int, documents: Int, microseconds: Int64) {}
    func appendError() { count("appends failed") }
    func snapshot(succeeded: Bool, microseconds: Int64) { count("snapshots") }
    func peerStreams(_ count: Int) {}
    func heldSubmissions(_ count: Int) {}
    func syncLag(microseconds: Int64) {}
    func activation(microseconds: Int64) { count("activations") }
    func members(_ count: Int) {}
    func changesPublished(_ operations: Int) {}
    func changesWaiting(documents: Int) {}
    func queueDepths(_ queues: [QueueDepth]) {}
}
