import CollabModel

/// Decides when an owner has a snapshot written: after enough operations or bytes, one at a time, not too often.
struct SnapshotPolicy: Sendable {
    private let operations: Int
    private let bytes: Int
    private let intervalMicroseconds: Int64
    /// The last version of which a snapshot was written, or the version that the owner started with.
    private(set) var last: Version
    /// The version of which a snapshot is being written.
    private(set) var underWay: Version?
    private var startedAt: Int64?
    private var bytesSince = 0

    init(limits: DocumentLimits, last: Version) {
        operations = limits.snapshotOperations
        bytes = limits.snapshotBytes
        intervalMicroseconds = limits.snapshotIntervalMilliseconds * 1_000
        self.last = last
    }

    mutating func committed(bytes count: Int) {
        bytesSince += count
    }

    func isDue(at version: Version, now: Int64) -> Bool {
        guard underWay == nil, version > last else { return false }
        guard last.distance(to: version) >= operations || bytesSince >= bytes else { return false }
        guard let startedAt else { return true }
        return now - startedAt >= intervalMicroseconds
    }

    mutating func start(at version: Version, now: Int64) {
        underWay = version
        startedAt = now
        bytesSince = 0
    }

    mutating func finish(_ version: Version, succeeded: Bool) {
        guard underWay == version else { return }
        underWay = nil
        if succeeded { last = max(last, version) }
    }
}
