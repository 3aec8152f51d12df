internal import Delta

/// Everything that a history says about one document, kept compactly until it can be judged.
struct DocumentLedger: Sendable {
    /// A client of the document.
    struct Client: Sendable {
        let name: String
        /// The index of its operations by their ids.
        var operations: [String: Int] = [:]
        /// The highest version that it was told.
        var seen = 0
        var seenLine = 0
        /// The index of its user; `nil`: no session of it was recorded.
        var user: Int?
    }

    /// A whole content that somebody was told or holds.
    struct Content: Sendable {
        enum Source: Sendable { case initial, resync, read, held }
        let source: Source
        let version: Int
        let fingerprint: ContentFingerprint
        let digest: Digest?
        /// Whether the digest that came with it is the content's own.
        let isDigestOwn: Bool
        let session: Int?
        let at: Int64
        let line: Int
        /// The highest version that anybody had been acknowledged before it was asked for.
        let headBefore: Int
    }

    /// The epoch and head that a reading found.
    struct Head: Sendable {
        let epoch: Int
        let head: Int
        let line: Int
    }

    /// A row that a reading found otherwise than another reading, or twice.
    struct RowConflict: Sendable {
        let version: Int
        let lines: [Int]
        /// Whether one reading found both.
        let isWithinReading: Bool
    }

    /// Something that a session of a user without `view` was told, which that user must not see if it came later.
    struct Leak: Sendable {
        let version: Int
        let session: Int
        let since: Int64
        let lines: [Int]
    }

    let name: String
    let start: Delta
    var clients: [Client] = []
    private var clientIndex: [String: Int] = [:]
    var users: [AccessLedger] = []
    private var userIndex: [String: Int] = [:]
    var operations: [OperationRecord] = []
    var versions = VersionTable()
    /// What was told otherwise than first.
    var otherwiseTold: [(version: Int, told: VersionRecord.Told)] = []
    var otherDigests: [(version: Int, digest: VersionRecord.ToldDigest)] = []
    var contents: [Content] = []
    var rowConflicts: [RowConflict] = []
    /// Rows of the last reading that an operation has beside its first.
    var doubles: [(operation: Int, version: Int, line: Int)] = []
    var heads: [Head] = []
    /// The head of the last reading, when all its rows have been given.
    var end: Head?
    var leaks: [Leak] = []
    /// The highest version that anybody was acknowledged.
    var acknowledgedHead = 0
    /// How much was told to users without `view` in a time in which that could be judged.
    var contentsBarred = 0

    init(name: String, start: Delta) {
        self.name = name
        self.start = start
    }

    mutating func client(_ name: String) -> Int {
        if let index = clientIndex[name] { return index }
        clientIndex[name] = clients.count
        clients.append(Client(name: name))
        return clients.count - 1
    }

    mutating func user(_ name: String) -> Int {
        if let index = userIndex[name] { return index }
        userIndex[name] = users.count
        users.append(AccessLedger(name: name))
        return users.count - 1
    }

    /// The index of an operation, which need not have been heard of before.
    mutating func operation(_ id: String, of client: Int) -> Int {
        if let index = clients[client].operations[id] { return index }
        clients[client].operations[id] = operations.count
        operations.append(OperationRecord(client: client, id: id))
        return operations.count - 1
    }

    /// Notes how far a client has been told.
    mutating func seen(_ version: Int, by client: Int?, line: Int) {
        guard let client, version > clients[client].seen else { return }
        clients[client].seen = version
        clients[client].seenLine = line
    }

    /// Notes an operation as it was told. What was told before in the same way needs no memory.
    mutating func tell(_ operation: HistoryEvent.SeenOperation, session: Int, at: Int64, line: Int) {
        let version = operation.version
        if var told = versions[version].told {
            let isSame = told.client == operation.client && told.delta == operation.operation
            if isSame, operation.operationID == nil || told.operationID == operation.operationID { return }
            if isSame, told.operationID == nil {
                told.operationID = operation.operationID
                versions[version].told = told
                return
            }
        }
        var told = VersionRecord.Told(
            client: operation.client, delta: operation.operation, operationID: operation.operationID, at: at,
            line: line, session: session)
        guard versions[version].told == nil else {
            otherwiseTold.append((version, told))
            return
        }
        // Shared where it is the same, so that it is kept once.
        if let row = versions[version].row, row.delta == told.delta { told.delta = row.delta }
        versions[version].told = told
    }

    /// Notes a digest as it was told.
    mutating func tell(_ digest: Digest?, of version: Int, session: Int?, line: Int) {
        guard let digest, version > 0 else { return }
        let told = VersionRecord.ToldDigest(digest: digest, line: line, session: session)
        guard let first = versions[version].digest else {
            versions[version].digest = told
            return
        }
        if first.digest != digest { otherDigests.append((version, told)) }
    }
}
