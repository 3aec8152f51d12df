internal import Delta

/// Judges one document when all is known of it.
struct DocumentJudge {
    let ledger: DocumentLedger
    let sessions: [SessionRecord]
    var findings: Findings
    /// The rows of versions 1, 2, 3 … as far as there is no gap.
    let rows: [VersionRecord.Row]

    init(_ ledger: DocumentLedger, sessions: [SessionRecord], findings: Findings) {
        self.ledger = ledger
        self.sessions = sessions
        self.findings = findings
        var rows: [VersionRecord.Row] = []
        if ledger.end != nil {
            while let row = ledger.row(rows.count + 1) { rows.append(row) }
        }
        self.rows = rows
    }

    /// Whether the whole log is known.
    var hasLog: Bool { ledger.end != nil }

    mutating func judge() {
        if hasLog {
            judgeLog()
            judgeReadings()
            judgeTold()
            judgeAcknowledgements()
            judgeReplay()
        } else {
            judgeWithoutLog()
        }
        judgeOwnOrder()
        judgeAccess()
    }

    mutating func report(
        _ rule: Violation.Rule, _ message: String, session: Int? = nil, operation: Int? = nil,
        version: Int? = nil, lines: [Int?]
    ) {
        let record = operation.map { ledger.operations[$0] }
        findings.report(
            rule, message, document: ledger.name, session: session.map { sessions[$0].name },
            client: record.map { ledger.clients[$0.client].name }, operationID: record?.id, version: version,
            lines: lines.compactMap { $0 })
    }

    /// An operation for a message.
    func name(_ operation: Int) -> String {
        let record = ledger.operations[operation]
        return "\(record.id) of \(ledger.clients[record.client].name)"
    }

    /// What can be said of a document whose log was not read to the end: sessions can contradict each other.
    private mutating func judgeWithoutLog() {
        findings.undecided(
            .g1, "acknowledged operations of documents without a log",
            ledger.operations.count { $0.acknowledgement != nil })
        for (version, told) in ledger.otherwiseTold {
            report(
                .branch, "two sessions were told different operations as version \(version)", session: told.session,
                version: version, lines: [ledger.versions[version].told?.line, told.line])
        }
        for (version, digest) in ledger.otherDigests {
            report(
                .digestDiffers, "two digests were told of version \(version)", session: digest.session,
                version: version, lines: [ledger.versions[version].digest?.line, digest.line])
        }
    }
}

extension Delta {
    /// Whether both do the same: equal, or equal in normal form.
    func isSame(as other: Delta) -> Bool {
        self == other || normalized == other.normalized
    }

    /// Steps that are alike put together, no retain at the end.
    var normalized: Delta {
        var result = Delta()
        for op in ops { result.push(op) }
        result.chop()
        return result
    }
}
