package import CollabModel
package import DocumentCore
package import RuntimePorts

extension NodeMetrics: RuntimeMetrics {
    package var isOn: Bool { true }

    package func owner(_ observation: OwnerObservation) {
        switch observation {
        case .committed(let operations): for operation in operations { committed(operation) }
        case .duplicate: runtime.duplicates.add()
        case .rejected(let stage, let code, _): rejected(stage, code)
        }
    }

    func rejected(_ stage: RejectionStage, _ code: ErrorCode) {
        runtime.rejected[.init(stage: stage, code: code)]?.add()
    }

    private func committed(_ operation: OwnedOperation) {
        runtime.succeeded.add()
        observe(runtime.ownerLatency, operation.committedAt - operation.receivedAt, operation.trace)
        let transform = operation.transformedAt - operation.startedAt
        runtime.transformLatency[TransformDistance.index(operation.transformCount)].observe(microseconds: transform)
        if operation.transformCount > 0 {
            runtime.transformDistance.observe(Double(operation.transformCount))
        }
        runtime.stages.transform.observe(microseconds: transform)
        runtime.stages.apply.observe(microseconds: operation.appliedAt - operation.transformedAt)
        runtime.stages.persist.observe(microseconds: operation.committedAt - operation.appliedAt)
    }

    /// Counts a duration, with its trace as exemplar where that is recorded.
    func observe(_ cell: HistogramCell, _ microseconds: Int64, _ trace: TraceContext?) {
        if let trace, trace.isSampled {
            cell.observe(microseconds: microseconds, trace: trace, atMicroseconds: clock.wallMicroseconds())
        } else {
            cell.observe(microseconds: microseconds)
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
        case .rejected(let code): rejected(.apply, code)
        // One replica's part of what the runtime reports for the whole node.
        case .heldSubmissions: break
        }
    }

    package func received(microseconds: Int64) { runtime.stages.receive.observe(microseconds: microseconds) }

    package func ownedDocuments(_ count: Int) { runtime.ownedDocuments.set(count) }

    package func openReplicas(_ count: Int) { runtime.followedDocuments.set(count) }

    package func documentState(_ document: DocumentID, version: Version, epoch: Epoch, sessions: Int) {
        documents.note(document, version: version, epoch: epoch, sessions: sessions)
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

    package func changesPublished(_ operations: Int) { feed.published.add(Int64(operations)) }

    package func changesWaiting(documents: Int) { feed.waitingDocuments.set(documents) }

    package func queueDepths(_ queues: [QueueDepth]) { feed.set(queues) }
}
