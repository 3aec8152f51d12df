import ClusterCore
import CollabModel
import Delta
import DocumentCore
import Logging
import PeerProtocol
import RuntimePorts

/// What owners and replicas of one node share.
struct RuntimeServices: Sendable {
    var membership: Membership
    var leases: any LeaseStore
    var log: any OperationLog
    var snapshots: any SnapshotStore
    var loader: DocumentLoader
    var transport: any PeerTransport
    var writer: LogWriter
    var clock: any RuntimeClock
    var metrics: any RuntimeMetrics
    var tracer: any OperationTracer = NoOperationTracer()
    var logger: Logger
    var limits: DocumentLimits
    /// What operators are told of changes of owners.
    let changes = OwnershipChanges()

    /// Writes a snapshot and says whether it is there now.
    func writeSnapshot(
        of document: DocumentID, _ version: Version, _ content: DocumentContent, _ digest: Digest
    ) async -> Bool {
        let started = clock.monotonicMicroseconds()
        let snapshot = Snapshot(version: version, encodedContent: content.delta.jsonUTF8, digest: digest)
        do {
            try await snapshots.write(snapshot, of: document)
            metrics.snapshot(succeeded: true, microseconds: clock.monotonicMicroseconds() - started)
            return true
        } catch {
            metrics.snapshot(succeeded: false, microseconds: clock.monotonicMicroseconds() - started)
            logger.warning(
                "snapshot failed",
                metadata: ["event": "snapshot_failed", "document_id": "\(document)", "reason": "\(error)"])
            return false
        }
    }
}
