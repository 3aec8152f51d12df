internal import Delta

// What clients were told, against the log: acknowledged (G1), seen (G2), own order (G3).
extension DocumentJudge {
    mutating func judgeTold() {
        var count = 0
        for version in ledger.versions.known {
            guard let told = ledger.versions[version].told else { continue }
            count += 1
            judge(told, version)
        }
        for (version, told) in ledger.otherwiseTold { judge(told, version) }
        findings.examined(.g2, "versions seen by somebody", count)
    }

    private mutating func judge(_ told: VersionRecord.Told, _ version: Int) {
        guard let row = ledger.row(version) else {
            report(
                .seenMissing,
                "a session was told an operation of \(told.client) as version \(version), and the log "
                    + "has no such version", session: told.session, version: version,
                lines: [told.line, ledger.end?.line])
            return
        }
        let record = ledger.operations[row.operation]
        let isSame =
            ledger.clients[record.client].name == told.client && told.operationID ?? record.id == record.id
            && told.delta.isSame(as: row.delta)
        if !isSame {
            report(
                .seenOtherwise,
                "a session was told \(told.operationID ?? "an operation") of \(told.client) as version \(version): "
                    + "\(brief(told.delta)); the log has \(name(row.operation)): \(brief(row.delta))",
                session: told.session, operation: row.operation, version: version, lines: [told.line, row.line])
        } else if let committedAt = row.committedAt, told.at < committedAt {
            report(
                .seenBeforeCommit,
                "a session was told version \(version) \(committedAt - told.at) µs before its commit",
                session: told.session, operation: row.operation, version: version, lines: [told.line, row.line])
        }
    }

    /// A delta for a message: the beginning of its JSON.
    func brief(_ delta: Delta) -> String {
        let text = delta.description
        return text.count <= 80 ? text : text.prefix(79) + "…"
    }

    mutating func judgeAcknowledgements() {
        var count = 0
        for (index, record) in ledger.operations.enumerated() {
            if let ack = record.acknowledgement {
                count += 1
                judge(ack, of: index)
            }
            if record.first == nil, let version = record.version, ledger.clients[record.client].user != nil {
                report(
                    .submittedByNobody, "the log has \(name(index)) as version \(version), which its client never sent",
                    operation: index, version: version, lines: [ledger.row(version)?.line])
            }
        }
        findings.examined(.g1, "acknowledged operations", count)
        findings.examined(.g3, "acknowledged operations", count)
    }

    private mutating func judge(_ ack: OperationRecord.Acknowledgement, of index: Int) {
        let record = ledger.operations[index]
        guard let version = record.version else {
            report(
                .acknowledgedMissing, "\(name(index)) was acknowledged as version \(ack.version), and the log lacks it",
                session: ack.session, operation: index, version: ack.version,
                lines: [record.first?.line, ack.line, ledger.row(ack.version)?.line ?? ledger.end?.line])
            return
        }
        // Of an operation that stands twice, either version will do: that it does is reported for itself.
        guard let row = ledger.row(ack.version), row.operation == index else {
            report(
                .acknowledgedElsewhere,
                "\(name(index)) was acknowledged as version \(ack.version), and is version \(version) of the log",
                session: ack.session, operation: index, version: ack.version,
                lines: [record.first?.line, ack.line, ledger.row(version)?.line])
            return
        }
        if let committedAt = row.committedAt, ack.at < committedAt {
            report(
                .acknowledgedBeforeCommit,
                "\(name(index)) was acknowledged \(committedAt - ack.at) µs before its commit", session: ack.session,
                operation: index, version: ack.version, lines: [ack.line, row.line])
        }
    }

    /// Every row builds on its client's row before it: of an edit that was sent under two ids, because the first was
    /// refused, at most one is applied.
    mutating func judgeOwnOrder() {
        var rows: [Int: [(version: Int, operation: Int)]] = [:]
        for (index, record) in ledger.operations.enumerated() {
            if let version = record.version { rows[record.client, default: []].append((version, index)) }
        }
        for (_, own) in rows.sorted(by: { $0.key < $1.key }) {
            let ordered = own.sorted { $0.version < $1.version }
            for (earlier, later) in zip(ordered, ordered.dropFirst()) {
                let record = ledger.operations[later.operation]
                guard let base = record.sendings.map(\.base).max(), base < earlier.version else { continue }
                report(
                    .ownNotBuiltOn,
                    "\(name(later.operation)) was sent on version \(base) at most, and is version \(later.version) "
                        + "although version \(earlier.version) is its client's as well",
                    operation: later.operation, version: later.version,
                    lines: [record.first?.line, ledger.row(earlier.version)?.line, ledger.row(later.version)?.line])
            }
        }
        let refused = ledger.operations.filter(\.isRefused)
        findings.examined(.g3, "refused operations", refused.count)
        findings.examined(.g3, "operations applied although refused before", refused.count { $0.version != nil })
    }
}
