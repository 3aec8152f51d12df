package import CollabModel
package import DocumentCore
package import RuntimePorts

extension NodeMetrics: RuntimeMetrics {
    package func owner(_ observation: OwnerObservation) {
        switch observation {
        case .acknowledged(let latency):
            runtime.succeeded.add()
            runtime.ownerLatency.observe(microseconds: latency)
        case .duplicate: runtime.duplicates.add()
        case .rejected(let code): runtime.rejected[code]?.add()
        case .transformed(let concurrent): runtime.transformDistance.observe(Double(concurrent))
        }
    }

    package func replica(_ observation: ReplicaObservation) {
        switch observation {
        case .resync(let reason):
            registry.counter(
                "collab_resyncs_total", "Sessions that were sent the whole content again, by reason.",
                labels: [("reason", reason)]
            ).add()
        case .slowSession: runtime.slowSessions.add()
        // One replica's part of what the runtime reports for the whole node.
        case .heldSubmissions: break
        }
    }

    package func transformed(concurrent: Int, microseconds: Int64) {
        runtime.transformLatency[TransformDistance.index(concurrent)].observe(microseconds: microseconds)
    }

    package func ownedDocuments(_ count: Int) { runtime.ownedDocuments.set(count) }

    package func openReplicas(_ count: Int) { runtime.activeDocuments.set(count) }

    package func documentState(_ document: DocumentID, version: Version, epoch: Epoch) {
        documents.note(document, version: version, epoch: epoch)
    }

    package func documentReleased(_ document: DocumentID) { documents.forget(document) }

    package func failover(_ cause: FailoverCause, microseconds: Int64) {
        runtime.failovers[cause]?.add()
        runtime.failoverDuration.observe(microseconds: microseconds)
    }

    package func handOff(succeeded: Bool, microseconds: Int64) {
        runtime.handOffs.count(succeeded)
        if succeeded { runtime.handOffDuration.observe(microseconds: microseconds) }
    }

    package func fencedAppend() { runtime.fencedAppends.add() }

    package func leaseRenewal(succeeded: Bool, microseconds: Int64) {
        runtime.renewals.count(succeeded)
        runtime.renewalLatency.observe(microseconds: microseconds)
    }

    package func appendBatch(operations: Int, documents: Int, microseconds: Int64) {
        runtime.batchOperations.observe(Double(operations))
        runtime.batchDocuments.observe(Double(documents))
        runtime.appendLatency.observe(microseconds: microseconds)
    }

    package func appendError() { runtime.appendErrors.add() }

    package func snapshot(succeeded: Bool, microseconds: Int64) {
        runtime.snapshots.count(succeeded)
        if succeeded { runtime.snapshotDuration.observe(microseconds: microseconds) }
    }

    package func peerStreams(_ count: Int) { runtime.peerStreams.set(count) }

    package func heldSubmissions(_ count: Int) { runtime.heldSubmissions.set(count) }

    package func syncLag(microseconds: Int64) { runtime.syncLag.observe(microseconds: microseconds) }

    package func activation(microseconds: Int64) { runtime.activationDuration.observe(microseconds: microseconds) }

    package func members(_ count: Int) { runtime.members.set(count) }
}
