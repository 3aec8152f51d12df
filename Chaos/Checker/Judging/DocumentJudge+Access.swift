// Nothing is accepted from whom may not edit, and nothing is told to whom may not view, once that has been answered (G9).
extension DocumentJudge {
    mutating func judgeAccess() {
        var restricted = 0
        for (index, record) in ledger.operations.enumerated() {
            guard let first = record.first, let owner = ledger.clients[record.client].user else { continue }
            let user = ledger.users[owner]
            guard !user.editBars.isEmpty || record.isWithoutEdit else { continue }
            let committedAt = record.version.flatMap { ledger.row($0)?.committedAt }
            let isAccepted = record.version != nil || record.acknowledgement != nil
            for bar in user.editBars {
                let isSubmittedIn = bar.contains(first.at) && first.line > bar.line
                if isSubmittedIn { restricted += 1 }
                // Accepted at a time that is not known, of a bar that has ended: perhaps after it.
                let known = [committedAt, record.acknowledgement?.at].compactMap { $0 }
                let isAcceptedIn = bar.until == nil ? isAccepted : known.contains { $0 < bar.until ?? .max }
                let isCommittedIn = committedAt.map { $0 > bar.since && bar.contains($0) } ?? false
                guard isSubmittedIn && isAcceptedIn || isCommittedIn else { continue }
                reportEdit(index, "after losing the right to edit", [bar.line, first.line])
            }
            if record.isWithoutEdit {
                restricted += 1
                if isAccepted, !user.mayHaveEdited {
                    reportEdit(index, "in a session that had no right to edit", [first.line])
                }
            }
        }
        findings.examined(.g9, "operations of users without edit", restricted)
        judgeLeaks()
        findings.examined(.g9, "messages to users without view", ledger.contentsBarred)
        let changes = ledger.users.reduce(0) { $0 + $1.editBars.count + $1.viewBars.count }
        findings.examined(.g9, "rights taken away", changes)
    }

    private mutating func reportEdit(_ index: Int, _ when: String, _ lines: [Int]) {
        let record = ledger.operations[index]
        report(
            .editWithoutPermission, "\(name(index)) was accepted \(when)", operation: index,
            version: record.version ?? record.acknowledgement?.version,
            lines: lines + [record.acknowledgement?.line, record.version.flatMap { ledger.row($0)?.line }])
    }

    /// What was told on a session that was open before may have been on its way; what was submitted later, not.
    private mutating func judgeLeaks() {
        for leak in ledger.leaks {
            guard let row = ledger.row(leak.version), let first = ledger.operations[row.operation].first,
                first.at > leak.since
            else { continue }
            report(
                .contentWithoutPermission,
                "version \(leak.version), submitted after its user had lost the right to view, was told",
                session: leak.session, operation: row.operation, version: leak.version,
                lines: leak.lines + [first.line])
        }
    }
}
