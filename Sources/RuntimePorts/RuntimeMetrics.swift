package import CollabModel
package import DocumentCore

package enum FailoverCause: String, Sendable, CaseIterable {
    /// The owner's host refused or reset: its process is gone.
    case refused
    /// The owner's node lease expired.
    case expired
    /// The owner could not be reached although its lease lived.
    case unreachable
}

/// What the runtime reports of itself. Called on hot paths: implementations are cheap and never block.
/// Durations in microseconds.
package protocol RuntimeMetrics: Sendable {
    /// Whether anything is counted; where not, no clock is read for its sake.
    var isOn: Bool { get }
    func owner(_ observation: OwnerObservation)
    func replica(_ observation: ReplicaObservation)
    /// A submission waited so long between its arrival on this node and its owner's machine.
    func received(microseconds: Int64)
    func ownedDocuments(_ count: Int)
    func openReplicas(_ count: Int)
    /// What a turn of an owner left: the newest durable version, and the sessions of the document on all nodes.
    func documentState(_ document: DocumentID, version: Version, epoch: Epoch, sessions: Int)
    func documentReleased(_ document: DocumentID)
    func failover(_ cause: FailoverCause, microseconds: Int64)
    func handOff(succeeded: Bool, microseconds: Int64)
    func fencedAppend()
    func leaseRenewal(succeeded: Bool, microseconds: Int64)
    func appendBatch(operations: Int, documents: Int, microseconds: Int64)
    func appendError()
    func snapshot(succeeded: Bool, microseconds: Int64)
    func peerStreams(_ count: Int)
    func heldSubmissions(_ count: Int)
    /// From durable at the owner to handed to the sessions of this node.
    func syncLag(microseconds: Int64)
    func activation(microseconds: Int64)
    func members(_ count: Int)
    /// The broker has so many operations more.
    func changesPublished(_ operations: Int)
    /// So many documents have operations that the broker does not have.
    func changesWaiting(documents: Int)
    func queueDepths(_ queues: [QueueDepth])
}

/// Counts nothing: for tests, and to find what counting costs.
package struct NoRuntimeMetrics: RuntimeMetrics {
    package init() {}
    package var isOn: Bool { false }
    package func owner(_ observation: OwnerObservation) {}
    package func replica(_ observation: ReplicaObservation) {}
    package func received(microseconds: Int64) {}
    package func ownedDocuments(_ count: Int) {}
    package func openReplicas(_ count: Int) {}
    package func documentState(_ document: DocumentID, version: Version, epoch: Epoch, sessions: Int) {}
    package func documentReleased(_ document: DocumentID) {}
    package func failover(_ cause: FailoverCause, microseconds: Int64) {}
    package func handOff(succeeded: Bool, microseconds: Int64) {}
    package func fencedAppend() {}
    package func leaseRenewal(succeeded: Bool, microseconds: Int64) {}
    package func appendBatch(operations: Int, documents: Int, microseconds: Int64) {}
    package func appendError() {}
    package func snapshot(succeeded: Bool, microseconds: Int64) {}
    package func peerStreams(_ count: Int) {}
    package func heldSubmissions(_ count: Int) {}
    package func syncLag(microseconds: Int64) {}
    package func activation(microseconds: Int64) {}
    package func members(_ count: Int) {}
    package func changesPublished(_ operations: Int) {}
    package func changesWaiting(documents: Int) {}
    package func queueDepths(_ queues: [QueueDepth]) {}
}
