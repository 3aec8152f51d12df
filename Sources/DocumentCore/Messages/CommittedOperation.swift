package import CollabModel
package import Delta

/// One operation of a document's log, as it was applied: already transformed onto the version before it.
package struct CommittedOperation: Sendable, Hashable {
    /// The version that this operation made.
    package var version: Version
    /// The epoch of the owner that wrote it.
    package var epoch: Epoch
    package var clientID: ClientID
    package var userID: UserID
    package var operationID: OperationID
    package var delta: Delta
    /// `delta` as its JSON array of ops in UTF-8: what the log and every wire hold. Encoded once, by the owner.
    package var encodedDelta: [UInt8]
    /// The digest of the document at `version`.
    package var digest: Digest

    package init(
        version: Version, epoch: Epoch, clientID: ClientID, userID: UserID, operationID: OperationID, delta: Delta,
        encodedDelta: [UInt8], digest: Digest
    ) {
        self.version = version
        self.epoch = epoch
        self.clientID = clientID
        self.userID = userID
        self.operationID = operationID
        self.delta = delta
        self.encodedDelta = encodedDelta
        self.digest = digest
    }
}

/// Operations with consecutive versions that became durable together, in order, and when.
package struct CommitBatch: Sendable, Hashable {
    /// Never empty.
    package var operations: [CommittedOperation]
    /// When the owner learnt that they are durable: microseconds since 1970 by the owner's clock, 0
    /// when it is not known. For metrics only.
    package var committedAtMicroseconds: Int64
    /// Those of the operations whose traces are recorded, in the order of their versions; mostly none.
    package var traces: [CommitTrace]

    package init(
        operations: [CommittedOperation], committedAtMicroseconds: Int64, traces: [CommitTrace] = []
    ) {
        self.operations = operations
        self.committedAtMicroseconds = committedAtMicroseconds
        self.traces = traces
    }
}

/// The trace that an operation of a batch belongs to.
package struct CommitTrace: Sendable, Hashable {
    package var version: Version
    package var context: TraceContext

    package init(version: Version, context: TraceContext) {
        self.version = version
        self.context = context
    }
}
