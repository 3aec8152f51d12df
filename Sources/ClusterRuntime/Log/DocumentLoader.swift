import CollabModel
import Delta
import DocumentCore
import Logging
import RuntimePorts

/// A document as far as it is durable.
struct LoadedDocument: Sendable {
    var content: DocumentContent
    var version: Version
    /// The last operations up to `version`, in order and without gap; may be empty.
    var recent: [CommittedOperation]
    init(content: DocumentContent, version: Version, recent: [CommittedOperation]) {
        self.content = content
        self.version = version
        self.recent = recent
    }
}

/// Loads documents whole and verified, or not at all (guarantee G8).
///
/// Every version's digest is checked on the way. A snapshot that does not have the digest of its version is set aside,
/// and an older one is taken; version 0 is the last resort.
struct DocumentLoader: Sendable {
    private let log: any OperationLog
    private let snapshots: any SnapshotStore
    private let logger: Logger
    private static let portion = 1_000

    init(log: any OperationLog, snapshots: any SnapshotStore, logger: Logger) {
        self.log = log
        self.snapshots = snapshots
        self.logger = logger
    }

    /// Loads the document at exactly `version`. `warm` is a verified earlier state that saves reading a snapshot.
    /// Throws ``DamagedLog`` or ``StoreUnavailable``.
    func load(
        _ document: DocumentID, through version: Version, warm: LoadedDocument? = nil, recentLimit: Int
    ) async throws -> LoadedDocument {
        if let warm, warm.version <= version {
            do {
                return try await replay(document, onto: warm, through: version, recentLimit: recentLimit)
            } catch let damage as DamagedLog {
                logger.warning(
                    "warm state does not fit the log",
                    metadata: [
                        "event": "warm_state_refused", "document_id": "\(document)", "reason": "\(damage.message)",
                    ])
            }
        }
        var ceiling = version
        while true {
            guard let snapshot = try await snapshots.latest(of: document, atOrBelow: ceiling) else {
                throw DamagedLog(document: document, message: "no usable snapshot at or below version \(ceiling)")
            }
            do {
                let base = try await verified(snapshot, of: document)
                return try await replay(document, onto: base, through: version, recentLimit: recentLimit)
            } catch let damage as SnapshotDamage {
                logger.error(
                    "snapshot set aside", error: damage,
                    metadata: [
                        "event": "snapshot_set_aside", "document_id": "\(document)",
                        "document_version": "\(snapshot.version)",
                    ])
                guard snapshot.version > .initial else {
                    throw DamagedLog(document: document, message: "snapshot of version 0: \(damage.message)")
                }
                try await snapshots.setAside(document, version: snapshot.version, reason: damage.message)
                ceiling = snapshot.version.previous
            }
        }
    }

    private struct SnapshotDamage: Error, CustomStringConvertible {
        var message: String
        var description: String { message }
    }

    private func verified(_ snapshot: Snapshot, of document: DocumentID) async throws -> LoadedDocument {
        let content: DocumentContent
        do {
            content = try DocumentContent(Delta(jsonUTF8: snapshot.encodedContent))
        } catch {
            throw SnapshotDamage(message: "unreadable: \(error)")
        }
        guard content.digest == snapshot.digest else { throw SnapshotDamage(message: "digest differs") }
        guard snapshot.version > .initial else {
            return LoadedDocument(content: content, version: snapshot.version, recent: [])
        }
        let row = try await log.operations(
            of: document, after: snapshot.version.previous, through: snapshot.version, limit: 1)
        guard row.first?.digest == content.digest else {
            throw SnapshotDamage(message: "digest differs from the log's")
        }
        return LoadedDocument(content: content, version: snapshot.version, recent: row)
    }

    private func replay(
        _ document: DocumentID, onto base: LoadedDocument, through version: Version, recentLimit: Int
    ) async throws -> LoadedDocument {
        var state = base
        while state.version < version {
            let rows = try await log.operations(
                of: document, after: state.version, through: version, limit: Self.portion)
            guard !rows.isEmpty else {
                throw DamagedLog(document: document, message: "version \(state.version.next) is missing")
            }
            for row in rows {
                guard row.version == state.version.next else {
                    throw DamagedLog(document: document, message: "version \(state.version.next) is missing")
                }
                do { try state.content.apply(row.delta) } catch {
                    throw DamagedLog(document: document, message: "version \(row.version) cannot be applied: \(error)")
                }
                guard state.content.digest == row.digest else {
                    throw DamagedLog(document: document, message: "version \(row.version) has another digest")
                }
                state.version = row.version
            }
            state.recent += rows
            if state.recent.count > 2 * recentLimit { state.recent.removeFirst(state.recent.count - recentLimit) }
        }
        return state
    }
}
