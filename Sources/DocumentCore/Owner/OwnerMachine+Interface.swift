package import CollabModel
package import Delta

/// Names a replica's stream at the owner.
package struct StreamID: Hashable, Sendable, Comparable {
    package let value: UInt64
    package init(_ value: UInt64) { self.value = value }
    package static func < (left: StreamID, right: StreamID) -> Bool { left.value < right.value }
}

/// Names a question of a machine to the log; its answer carries it back.
package struct QuestionID: Hashable, Sendable {
    package let value: UInt64
    package init(_ value: UInt64) { self.value = value }
}

/// Bounds of one document (guarantee G10). Lengths in UTF-16 units, sizes in bytes.
package struct DocumentLimits: Sendable, Hashable {
    /// Recent operations kept for transforming; older ones are read back from the log.
    package var windowOperations = 2_048
    package var windowBytes = 4 << 20
    /// The longest document that an operation may make.
    package var documentLength = 10_000_000
    /// The largest encoded operation.
    package var operationBytes = 1 << 20
    /// Submissions applied ahead of the commit; more are answered `unavailable`.
    package var speculativeOperations = 10_000
    package var speculativeBytes = 64 << 20
    /// How far below the committed version a submission's base may lie before it is answered by `conflict`.
    package var baseDistance = 20_000
    /// Sessions of the document over all nodes.
    package var sessions = 10_000
    /// Snapshot after so many versions or bytes of operations, and no sooner after the last than this.
    package var snapshotOperations = 100
    package var snapshotBytes = 256 << 10
    package var snapshotIntervalMilliseconds: Int64 = 10_000
    /// Submissions of one client that wait behind a question about an earlier one; more are answered `unavailable`.
    package var waitingPerClient = 8
    /// Submissions of one session that a replica keeps until they are answered; more are answered `protocol_error`.
    package var unacknowledgedPerSession = 4
    /// A document without sessions for this long is passivated.
    package var idleMilliseconds: Int64 = 60_000
    /// A session that takes nothing for this long is closed.
    package var slowSessionMilliseconds: Int64 = 10_000
    /// Operations in one portion of a catch-up and in one commit frame.
    package var portionOperations = 500
    package init() {}
}

/// What happens to an owner. Times are passed in, never read.
package enum OwnerInput: Sendable {
    case streamOpened(StreamID, StreamHello)
    case streamClosed(StreamID)
    case message(StreamID, ReplicaMessage)
    /// Every version up to this one is durable.
    case appended(through: Version)
    /// The log cannot be reached: what was appended is held and sent again by the log writer.
    case logUnavailable(String)
    case logAvailable
    /// An append was refused because another epoch has passed.
    case fenced
    /// An append failed for this document alone and wrote nothing.
    case appendFailed(String)
    /// The answer to ``OwnerAction/lookUp(_:_:_:)``: the version of that operation of that client, if the log has it.
    case lookedUp(QuestionID, LookupResult)
    /// The answer to ``OwnerAction/read(_:after:through:)``; `nil`: the log could not be read.
    case read(QuestionID, [CommittedOperation]?)
    /// The node's lease lapsed: nothing is served until the epoch has been read again.
    case suspended
    /// The epoch was read and is still ours.
    case resumed
    /// Give the document to this node: take no more, flush, then ask it to claim.
    case handOff(to: NodeRecord)
    /// The successor owns the document with this epoch.
    case handOffConfirmed(Epoch)
    /// The successor said that it does not take it, and our epoch is unchanged: go on.
    case handOffAbandoned
    /// The successor has said nothing in time. It may still take the document, and nobody would hear of it: an owner that
    /// went on would show what is old. So this epoch ends; whoever is asked next claims a new one.
    case handOffUnconfirmed
    case snapshotFinished(Version, succeeded: Bool)
    /// At least every 250 ms.
    case tick
}

/// What the log knows of one operation id of one client.
package enum LookupResult: Sendable, Hashable {
    case found(Version, Digest)
    case absent
    /// The log could not be read.
    case unavailable
}

/// What an owner wants done. Performed in order.
package enum OwnerAction: Sendable {
    /// Append these rows, whose versions continue the last append's; answered by `appended`, `fenced` or `appendFailed`.
    case append([CommittedOperation])
    case send(StreamID, OwnerMessage)
    /// Send the end and close the stream.
    case close(StreamID, StreamEnd)
    case lookUp(QuestionID, ClientID, OperationID)
    /// Read the operations in `(after, through]` from the log.
    case read(QuestionID, after: Version, through: Version)
    /// Write a snapshot of the committed content off the editing path.
    case snapshot(Version, DocumentContent, Digest)
    /// Everything is durable up to the version: the successor may claim.
    case handOffReady(NodeRecord, Version)
    /// Ownership is over: every stream has been closed; release what is held.
    case stepDown(StepDownReason)
    /// Speculative state was dropped and every stream closed: load the document again under a new epoch, or let go.
    case reload
    /// Figures for the metrics.
    case observe(OwnerObservation)
}

package enum StepDownReason: Sendable, Hashable {
    case fenced
    case handedOff(NodeRecord, Epoch)
    case handOffUnconfirmed(NodeRecord)
    case idle
}

/// What the metrics learn from an owner. Durations in microseconds.
package enum OwnerObservation: Sendable, Hashable {
    /// Operations that have become durable together, in the order of their versions; never empty.
    case committed([OwnedOperation])
    case duplicate
    case rejected(RejectionStage, ErrorCode, TraceContext?)
}

/// Where an operation was rejected; its name is what metrics and logs give as `status` (the architecture's metrics).
package enum RejectionStage: String, Sendable, Hashable, CaseIterable {
    /// It could not be brought to the newest version because of what it builds on, which does not exist, is not durable
    /// yet, is too far back, or lacks an operation of its own client: a matter of its client.
    case transform = "transform_error"
    /// It was not applied for any other reason: it does not fit the document or a bound, may not be made, or cannot be
    /// taken now.
    case apply = "apply_error"
}
