import CollabModel
import Delta
import DequeModule

/// What an owner has applied and not yet learnt to be durable.
struct AppendPipeline: Sendable {
    /// One operation ahead of the commit.
    struct Entry: Sendable {
        /// What is known of it before its commit.
        var operation: OwnedOperation
        /// Where its client is after it, at `version`.
        var presence: Presence?
        /// What keeping it costs.
        var bytes: Int

        var version: Version { operation.version }
    }

    private var entries: Deque<Entry> = []
    private var checkpoints: Deque<(version: Version, content: DocumentContent)> = []
    /// The last version that an append was asked for.
    private(set) var requested: Version
    private(set) var bytes = 0

    init(at version: Version) {
        requested = version
    }

    var count: Int { entries.count }
    var isEmpty: Bool { entries.isEmpty }

    mutating func add(_ entry: Entry) {
        entries.append(entry)
        bytes += entry.bytes
    }

    /// Marks everything up to `version` as asked for; `content` is the document there. Kept once per append, so that the
    /// committed state follows without applying every operation a second time.
    mutating func request(through version: Version, content: DocumentContent) {
        requested = version
        checkpoints.append((version, content))
    }

    /// Takes out the next operation that is durable when everything up to `version` is.
    mutating func popFirst(through version: Version) -> Entry? {
        guard let first = entries.first, first.version <= version else { return nil }
        entries.removeFirst()
        bytes -= first.bytes
        return first
    }

    /// The latest document kept at or below a version, with its version; older ones are let go.
    mutating func checkpoint(through version: Version) -> (version: Version, content: DocumentContent)? {
        var result: (version: Version, content: DocumentContent)?
        while let first = checkpoints.first, first.version <= version {
            result = first
            checkpoints.removeFirst()
        }
        return result
    }

    /// Forgets everything.
    mutating func drop() {
        entries.removeAll()
        checkpoints.removeAll()
        bytes = 0
    }
}
