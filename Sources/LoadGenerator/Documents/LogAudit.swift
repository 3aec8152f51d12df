import CollabModel
import Delta

/// Compares a document's log with what the editors were told: every acknowledged operation is in it once, nothing is in
/// it twice, its replay gives its digests, and every editor holds what the replay gives (guarantees G1, G3, G4, G6).
struct LogAudit {
    /// What an editor holds at the end.
    struct Holding: Sendable {
        var editor: Int
        var version: Version
        var content: DocumentContent?
    }

    private var content: DocumentContent
    private(set) var version: Version
    private let submitted: [OperationID: DocumentLedger.Submitted]
    private let clients: Set<ClientID>
    private let holdings: [Version: [Holding]]
    private var seen: [OperationID: Int] = [:]
    private(set) var findings = AuditFindings()
    private var isReplayable = true

    /// - Parameters:
    ///   - content: the document before the load, at `version`.
    ///   - clients: the ids of the load's own clients.
    init(
        content: DocumentContent, version: Version, submitted: [OperationID: DocumentLedger.Submitted],
        clients: Set<ClientID>, holdings: [Holding]
    ) {
        self.content = content
        self.version = version
        self.submitted = submitted
        self.clients = clients
        self.holdings = Dictionary(grouping: holdings, by: \.version)
        compare()
    }

    /// Takes the next operation of the log.
    mutating func take(_ row: LogRow) {
        guard row.version == version.next else {
            findings.note("the log goes from version \(version) to \(row.version)")
            isReplayable = false
            version = row.version
            return
        }
        version = row.version
        countOrigin(of: row)
        guard isReplayable else { return }
        do {
            try content.apply(row.delta)
        } catch {
            findings.note("version \(row.version) of the log does not apply: \(error)")
            isReplayable = false
            return
        }
        if let digest = row.digest, digest != content.digest {
            findings.note("version \(row.version) of the log has digest \(digest), its replay \(content.digest)")
        }
        compare()
    }

    private mutating func countOrigin(of row: LogRow) {
        guard let known = submitted[row.operationID] else {
            if clients.contains(row.clientID) {
                findings.doubled += 1
                findings.note("version \(row.version) is of a client of this load, which never submitted it")
            }
            return
        }
        seen[row.operationID, default: 0] += 1
        if seen[row.operationID] != 1 {
            findings.doubled += 1
            findings.note("operation \(row.operationID) is in the log again as version \(row.version)")
        }
        if known.mark != row.delta.insertMark {
            findings.note("version \(row.version) does not insert what operation \(row.operationID) inserted")
        }
    }

    /// Compares the editors that ended at this version.
    private mutating func compare() {
        for holding in holdings[version] ?? [] {
            findings.compared += 1
            guard let held = holding.content, isReplayable else {
                findings.note("editor \(holding.editor) cannot be compared")
                continue
            }
            if held.digest != content.digest || held != content || held.text != content.text {
                findings.note("editor \(holding.editor) holds another document at version \(version) than the log")
            }
        }
    }

    /// Ends the log.
    mutating func finish() -> AuditFindings {
        for (id, operation) in submitted where operation.isAcknowledged && seen[id] == nil {
            findings.lost += 1
            findings.note("operation \(id) of editor \(operation.editor) was acknowledged and is not in the log")
        }
        let all = holdings.values.flatMap(\.self)
        for holding in all where holding.version != version {
            findings.note("editor \(holding.editor) is at version \(holding.version), the log at \(version)")
        }
        if findings.compared < all.count { findings.note("\(all.count - findings.compared) editors are elsewhere") }
        findings.finalText = content.text
        return findings
    }
}

/// What an audit found.
struct AuditFindings: Sendable {
    var lost = 0
    var doubled = 0
    var compared = 0
    /// What differs; the first ones.
    private(set) var differences: [String] = []
    private(set) var differenceCount = 0
    var finalText = ""

    var converged: Bool { differenceCount == 0 }

    mutating func note(_ difference: String) {
        differenceCount += 1
        if differences.count < 20 { differences.append(difference) }
    }

    mutating func add(_ other: AuditFindings) {
        lost += other.lost
        doubled += other.doubled
        compared += other.compared
        differenceCount += other.differenceCount
        differences = Array((differences + other.differences).prefix(20))
    }
}
