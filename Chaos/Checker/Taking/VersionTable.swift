internal import Delta

/// What is known of one version of a document.
struct VersionRecord: Sendable {
    /// A row of the log.
    struct Row: Sendable {
        let epoch: Int
        /// The index of its operation in the document's ledger.
        let operation: Int
        var delta: Delta
        let digest: Digest?
        let committedAt: Int64?
        let line: Int
        /// The reading that found it; `nil`: the last one.
        var reading: Int?
    }

    /// The operation as somebody was told of it.
    struct Told: Sendable {
        let client: String
        var delta: Delta
        var operationID: String?
        let at: Int64
        let line: Int
        let session: Int
    }

    struct ToldDigest: Sendable {
        let digest: Digest
        let line: Int
        let session: Int?
    }

    /// The row as the last reading found it, or before that, as an earlier one did.
    var row: Row?
    /// What was told first.
    var told: Told?
    var digest: ToldDigest?
}

/// The versions of a document: an array, and a dictionary for those that lie far ahead, which no sound history has.
struct VersionTable: Sendable {
    private var dense: [VersionRecord] = []
    private var sparse: [Int: VersionRecord] = [:]
    /// How far ahead of all others a version may lie in the array.
    private static let reach = 1 << 16

    /// The versions from 1 on that are known, in order; those between may be empty.
    var known: [Int] { Array(1..<dense.count + 1) + sparse.keys.sorted() }

    /// A version's record. Versions begin with 1.
    subscript(version: Int) -> VersionRecord {
        _read {
            if version >= 1, version <= dense.count {
                yield dense[version - 1]
            } else {
                yield sparse[version] ?? VersionRecord()
            }
        }
        _modify {
            grow(to: version)
            if version >= 1, version <= dense.count {
                yield &dense[version - 1]
            } else {
                yield &sparse[version, default: VersionRecord()]
            }
        }
    }

    private mutating func grow(to version: Int) {
        guard version > dense.count, version <= dense.count + Self.reach else { return }
        let before = dense.count
        while dense.count < version { dense.append(VersionRecord()) }
        guard !sparse.isEmpty else { return }
        for index in before..<version {
            if let record = sparse.removeValue(forKey: index + 1) { dense[index] = record }
        }
    }
}
