package import CollabModel

/// A call of one of the storage ports, as fault plans see it.
package enum LogCall: Sendable, Hashable {
    case append([DocumentID], lane: Int)
    case takeOver(DocumentID, by: NodeIdentity)
    case ownership(DocumentID)
    case operations(DocumentID)
    case find(DocumentID)
    case lastOperation(DocumentID)
    case latestSnapshot(DocumentID)
    case writeSnapshot(DocumentID)
    case setSnapshotAside(DocumentID)
    case create(DocumentID)
    case rename(DocumentID)
    case record(DocumentID)
    case list
    case published
    case setPublished
    case unpublished

    /// The call without what it is about, for counting.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case append, takeOver, ownership, operations, find, lastOperation, latestSnapshot, writeSnapshot
        case setSnapshotAside, create, rename, record, list, published, setPublished, unpublished
    }

    package var kind: Kind {
        switch self {
        case .append: .append
        case .takeOver: .takeOver
        case .ownership: .ownership
        case .operations: .operations
        case .find: .find
        case .lastOperation: .lastOperation
        case .latestSnapshot: .latestSnapshot
        case .writeSnapshot: .writeSnapshot
        case .setSnapshotAside: .setSnapshotAside
        case .create: .create
        case .rename: .rename
        case .record: .record
        case .list: .list
        case .published: .published
        case .setPublished: .setPublished
        case .unpublished: .unpublished
        }
    }
}

/// How a call of a storage port fails.
package enum LogFault: Sendable, Hashable {
    /// There is no connection: nothing was sent.
    case unavailable
    /// The connection is lost after the call was sent. An append is told `outcomeUnknown`, everything else
    /// `unavailable`, whether or not it took effect.
    case connectionLost(tookEffect: Bool)
    /// The server refuses the statement and writes nothing.
    case failed(isTransient: Bool)
}
