package import CollabModel

/// A change of a document's owner, as its new owner saw it.
package struct OwnershipChange: Sendable, Hashable {
    package enum Cause: UInt8, Sendable, CaseIterable {
        /// Somebody opened a document that nobody owned.
        case opened = 0
        /// The former owner handed it over.
        case handOff = 1
        /// The former owner's host refused or reset: its process is gone.
        case refused = 2
        /// The former owner's node lease expired.
        case expired = 3
        /// The former owner could not be reached although its lease lived.
        case unreachable = 4
    }

    package var document: DocumentID
    /// The epoch that the new owner raised.
    package var epoch: Epoch
    /// The document's version when the new owner began.
    package var version: Version
    package var cause: Cause
    /// The former owner, where it is known.
    package var from: NodeID?
    package var to: NodeID
    /// When the new owner began, in milliseconds since 1970.
    package var atMilliseconds: Int64
    /// From being asked to own the document to owning it.
    package var takeoverMicroseconds: Int64

    package init(
        document: DocumentID, epoch: Epoch, version: Version, cause: Cause, from: NodeID?, to: NodeID,
        atMilliseconds: Int64, takeoverMicroseconds: Int64
    ) {
        self.document = document
        self.epoch = epoch
        self.version = version
        self.cause = cause
        self.from = from
        self.to = to
        self.atMilliseconds = atMilliseconds
        self.takeoverMicroseconds = takeoverMicroseconds
    }
}

/// How long one node's sessions of a document were without an owner.
package struct OwnerlessGap: Sendable, Hashable {
    package var document: DocumentID
    /// The epoch of the owner that was lost.
    package var lostEpoch: Epoch
    package var microseconds: Int64
    package init(document: DocumentID, lostEpoch: Epoch, microseconds: Int64) {
        self.document = document
        self.lostEpoch = lostEpoch
        self.microseconds = microseconds
    }
}

/// What an operator asks a node.
package struct ReportQuery: Sendable, Hashable {
    /// So many of the busiest documents at most.
    package var documents: Int
    /// Tell every change of this document's owner that is remembered, instead of the latest ones of all documents.
    package var history: DocumentID?
    package init(documents: Int, history: DocumentID? = nil) {
        self.documents = documents
        self.history = history
    }
}

/// What a node says of itself to operators. Bounded: see ``documentsAtMost`` and ``changesAtMost``.
package struct NodeReport: Sendable, Hashable {
    /// The bounds of ``documents``, and of ``changes`` and ``gaps`` each.
    package static let documentsAtMost = 100
    package static let changesAtMost = 200

    /// A document that the node owns.
    package struct Document: Sendable, Hashable {
        package var document: DocumentID
        package var epoch: Epoch
        package var version: Version
        /// Of all nodes.
        package var sessions: Int
        /// Operations that became durable within ``NodeReport/windowMilliseconds``.
        package var operations: Int
        package init(document: DocumentID, epoch: Epoch, version: Version, sessions: Int, operations: Int) {
            self.document = document
            self.epoch = epoch
            self.version = version
            self.sessions = sessions
            self.operations = operations
        }
    }

    package var record: NodeRecord
    /// When the node's process began, in milliseconds since 1970.
    package var startedAtMilliseconds: Int64
    /// What the counts below are counted over; 0: nobody has asked lately, so that there is nothing to compare with.
    package var windowMilliseconds: Int
    /// Operations of all documents of the node that became durable in the window.
    package var operations: Int
    /// Time of all processors that the process used in the window.
    package var processorMicroseconds: Int64
    package var residentBytes: Int64
    /// The busiest first.
    package var documents: [Document]
    /// The oldest first.
    package var changes: [OwnershipChange]
    package var gaps: [OwnerlessGap]

    package init(
        record: NodeRecord, startedAtMilliseconds: Int64, windowMilliseconds: Int, operations: Int,
        processorMicroseconds: Int64, residentBytes: Int64, documents: [Document], changes: [OwnershipChange],
        gaps: [OwnerlessGap]
    ) {
        self.record = record
        self.startedAtMilliseconds = startedAtMilliseconds
        self.windowMilliseconds = windowMilliseconds
        self.operations = operations
        self.processorMicroseconds = processorMicroseconds
        self.residentBytes = residentBytes
        self.documents = documents
        self.changes = changes
        self.gaps = gaps
    }
}

extension OwnershipChange.Cause {
    /// The cause as operators are shown it.
    package var word: String {
        switch self {
        case .opened: "opened"
        case .handOff: "handoff"
        case .refused: "refused"
        case .expired: "expired"
        case .unreachable: "unreachable"
        }
    }
}
