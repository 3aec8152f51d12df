internal import Delta

// The log by itself: without gap or branch (G4), each operation once (G3), under epochs that do not decrease (G5).
extension DocumentJudge {
    mutating func judgeLog() {
        guard let end = ledger.end else { return }
        var expected = 1
        var last: VersionRecord.Row?
        var count = 0
        for version in ledger.versions.known {
            guard let row = ledger.row(version) else { continue }
            count += 1
            if version > expected { reportGap(expected, version - 1, [row.line]) }
            if version > end.head {
                report(
                    .branch, "version \(version) lies beyond the log's head, \(end.head)", operation: row.operation,
                    version: version, lines: [row.line, end.line])
            }
            if let last, row.epoch < last.epoch {
                report(
                    .epochDecreases,
                    "version \(version) was written under epoch \(row.epoch), the one before it under "
                        + "\(last.epoch)", operation: row.operation, version: version, lines: [last.line, row.line])
            }
            expected = version + 1
            last = row
        }
        if expected <= end.head { reportGap(expected, end.head, [end.line]) }
        if let last, end.epoch < last.epoch {
            report(
                .epochDecreases, "the document's epoch is \(end.epoch), its last operation's is \(last.epoch)",
                version: expected - 1, lines: [last.line, end.line])
        }
        for double in ledger.doubles {
            report(
                .appliedTwice,
                "\(name(double.operation)) is version \(ledger.operations[double.operation].version ?? 0) and version "
                    + "\(double.version)", operation: double.operation, version: double.version,
                lines: [
                    ledger.operations[double.operation].version.flatMap { ledger.row($0)?.line }, double.line,
                ])
        }
        findings.examined(.g3, "rows", count)
        findings.examined(.g4, "rows", count)
        findings.examined(.g5, "rows", count)
    }

    private mutating func reportGap(_ first: Int, _ last: Int, _ lines: [Int]) {
        let what = first == last ? "version \(first)" : "versions \(first) to \(last)"
        report(.logGap, "the log lacks \(what)", version: first, lines: lines)
    }

    /// What readings during the run fix: what was there stays, and what comes after comes under no older epoch.
    mutating func judgeReadings() {
        for conflict in ledger.rowConflicts {
            let version = conflict.version
            if conflict.isWithinReading {
                report(
                    .branch, "one reading found two rows of version \(version)", version: version,
                    lines: conflict.lines)
            } else {
                report(
                    .rowChanged, "two readings found different rows of version \(version)", version: version,
                    lines: conflict.lines)
            }
        }
        for version in ledger.versions.known {
            guard let row = ledger.versions[version].row, row.reading != nil else { continue }
            report(
                .rowChanged, "version \(version), found by reading \(row.reading ?? 0), is gone",
                operation: row.operation, version: version, lines: [row.line, ledger.end?.line])
        }
        guard let end = ledger.end, !ledger.heads.isEmpty else { return }
        var before: DocumentLedger.Head?
        for head in ledger.heads + [end] {
            if let before, head.head < before.head || head.epoch < before.epoch {
                report(
                    .headRegressed,
                    "a reading found head \(before.head) under epoch \(before.epoch), a later one head \(head.head) "
                        + "under epoch \(head.epoch)", version: head.head, lines: [before.line, head.line])
            }
            before = head
        }
        judgeTakeovers()
        findings.examined(.g5, "readings", ledger.heads.count)
    }

    /// A row above a head that was read has no lower epoch than was read with it, one at or below it no higher.
    private mutating func judgeTakeovers() {
        let heads = ledger.heads.sorted { ($0.head, $0.epoch) < ($1.head, $1.epoch) }
        // From the right: the lowest epoch of this head and of those above it.
        var lowest = heads
        for index in heads.indices.dropLast().reversed() where lowest[index + 1].epoch < lowest[index].epoch {
            lowest[index] = lowest[index + 1]
        }
        var passed = 0
        var highest: DocumentLedger.Head?
        for version in ledger.versions.known {
            guard let row = ledger.row(version) else { continue }
            while passed < heads.count, heads[passed].head < version {
                if heads[passed].epoch > highest?.epoch ?? -1 { highest = heads[passed] }
                passed += 1
            }
            if let highest, row.epoch < highest.epoch {
                report(
                    .writtenAfterTakeover,
                    "version \(version) was written under epoch \(row.epoch) after epoch \(highest.epoch) had taken "
                        + "over at head \(highest.head)", operation: row.operation, version: version,
                    lines: [highest.line, row.line])
            }
            if passed < heads.count, row.epoch > lowest[passed].epoch {
                report(
                    .rowChanged,
                    "version \(version) has epoch \(row.epoch), but was there under epoch \(lowest[passed].epoch)",
                    operation: row.operation, version: version, lines: [lowest[passed].line, row.line])
            }
        }
    }
}
