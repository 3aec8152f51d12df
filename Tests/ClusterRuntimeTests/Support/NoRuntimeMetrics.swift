import CollabModel
import DocumentCore
import RuntimePorts

/// Counts nothing.
struct NoRuntimeMetrics: RuntimeMetrics {
    func owner(_ observation: OwnerObservation) {}
    func replica(_ observation: ReplicaObservation) {}
    func received(microseconds: Int64) {}
    func ownedDocuments(_ count: Int) {}
    func openReplicas(_ count: Int) {}
    func documentState(_ document: DocumentID, version: Version, epoch: Epoch, sessions: Int) {}
    func documentReleased(_ document: DocumentID) {}
    func failover(_ cause: FailoverCause, microseconds: Int64) {}
    func handOff(succeeded: Bool, microseconds: Int64) {}
    func fencedAppend() {}
    func leaseRenewal(succeeded: Bool, microseconds: Int64) {}
    func appendBatch(operations: Int, documents: Int, microseconds: Int64) {}
    func appendError() {}
    func snapshot(succeeded: Bool, microseconds: Int64) {}
    func peerStreams(_ count: Int) {}
    func heldSubmissions(_ count: Int) {}
    func syncLag(microseconds: Int64) {}
    func activation(microseconds: Int64) {}
    func members(_ count: Int) {}
}
