package import CollabModel

/// What the log says of a stretch of a document's history under one epoch.
package struct EpochRecord: Sendable, Hashable {
    package var epoch: Epoch
    package var firstVersion: Version
    package var lastVersion: Version
    /// When the first and the last of these operations became durable, in milliseconds since 1970.
    package var firstAtMilliseconds: Int64
    package var lastAtMilliseconds: Int64
    package init(
        epoch: Epoch, firstVersion: Version, lastVersion: Version, firstAtMilliseconds: Int64, lastAtMilliseconds: Int64
    ) {
        self.epoch = epoch
        self.firstVersion = firstVersion
        self.lastVersion = lastVersion
        self.firstAtMilliseconds = firstAtMilliseconds
        self.lastAtMilliseconds = lastAtMilliseconds
    }
}

/// A snapshot without its content.
package struct SnapshotRecord: Sendable, Hashable {
    package var version: Version
    package var createdAtMilliseconds: Int64
    /// Why it is not to be used.
    package var setAsideReason: String?
    package init(version: Version, createdAtMilliseconds: Int64, setAsideReason: String? = nil) {
        self.version = version
        self.createdAtMilliseconds = createdAtMilliseconds
        self.setAsideReason = setAsideReason
    }
}

/// How many operations became durable in equal steps of time.
package struct ActivityRecord: Sendable, Hashable {
    /// When the first step began, in milliseconds since 1970.
    package var fromMilliseconds: Int64
    package var stepMilliseconds: Int64
    package var operations: [Int]
    package init(fromMilliseconds: Int64, stepMilliseconds: Int64, operations: [Int]) {
        self.fromMilliseconds = fromMilliseconds
        self.stepMilliseconds = stepMilliseconds
        self.operations = operations
    }
}

/// What the database knows of one document's past. Bounded: see ``TimelineBounds``.
package struct DocumentTimeline: Sendable, Hashable {
    package var title: String
    package var createdAtMilliseconds: Int64
    /// The row of `document_ownership`.
    package var epoch: Epoch
    package var version: Version
    /// Who raised the epoch, and when; `nil` while nobody has owned the document.
    package var owner: NodeIdentity?
    package var ownedSinceMilliseconds: Int64?
    /// The newest first.
    package var epochs: [EpochRecord]
    /// The newest first.
    package var snapshots: [SnapshotRecord]
    /// `nil`: there is no operation.
    package var activity: ActivityRecord?

    package init(
        title: String, createdAtMilliseconds: Int64, epoch: Epoch, version: Version, owner: NodeIdentity?,
        ownedSinceMilliseconds: Int64?, epochs: [EpochRecord], snapshots: [SnapshotRecord], activity: ActivityRecord?
    ) {
        self.title = title
        self.createdAtMilliseconds = createdAtMilliseconds
        self.epoch = epoch
        self.version = version
        self.owner = owner
        self.ownedSinceMilliseconds = ownedSinceMilliseconds
        self.epochs = epochs
        self.snapshots = snapshots
        self.activity = activity
    }
}

/// How far back a timeline looks.
package struct TimelineBounds: Sendable, Hashable {
    /// Operations that are looked at, from the newest back.
    package var operations = 10_000
    package var epochs = 50
    package var snapshots = 50
    /// Steps of ``DocumentTimeline/activity``, each a second at least.
    package var steps = 120
    package init() {}
}

/// What operators ask of the database. Read only.
package protocol OperatorStore: Sendable {
    /// The titles of documents that there are; others are left out.
    func titles(of documents: [DocumentID]) async throws(StoreUnavailable) -> [DocumentID: String]
    /// Documents whose id begins with the text, or whose title has it, upper and lower case alike; those that changed
    /// last first.
    func documents(matching text: String, limit: Int) async throws(StoreUnavailable) -> [DocumentRecord]
    /// `nil`: no such document.
    func timeline(of document: DocumentID, _ bounds: TimelineBounds) async throws(StoreUnavailable) -> DocumentTimeline?
}
