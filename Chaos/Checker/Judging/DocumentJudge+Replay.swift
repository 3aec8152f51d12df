internal import Delta

// The log applied from the start: digests (G6), contents that were told (G2, G8), and on the way what became of what was
// submitted (G7).
extension DocumentJudge {
    mutating func judgeReplay() {
        guard var content = try? DocumentContent(ledger.start) else { return }
        var contents = ledger.contents.sorted { ($0.version, $0.line) < ($1.version, $1.line) }[...]
        var digests = ledger.otherDigests.sorted { ($0.version, $0.digest.line) < ($1.version, $1.digest.line) }[...]
        var intention = IntentionJudge(length: content.length)
        var digestCount = 0
        judge(&contents, at: 0, content)
        var version = 0
        for row in rows {
            version += 1
            let base = judgeSubmission(of: row, version, &intention)
            do {
                try content.apply(row.delta)
            } catch {
                report(
                    .rowNotApplicable, "version \(version) cannot be applied to the one before it: \(error)",
                    operation: row.operation, version: version, lines: [row.line])
                version -= 1
                break
            }
            follow(row, version, base: base, &intention)
            let digest = content.digest
            if let stored = row.digest, stored != digest {
                report(
                    .digestDiffers, "the row of version \(version) has digest \(stored), the replay \(digest)",
                    operation: row.operation, version: version, lines: [row.line])
            }
            if row.digest != nil { digestCount += 1 }
            if let told = ledger.versions[version].digest {
                digestCount += 1
                judge(told, of: version, digest)
            }
            while let next = digests.first, next.version <= version {
                digests.removeFirst()
                judge(next.digest, of: version, digest)
            }
            judge(&contents, at: version, content)
        }
        judgeOrigins(content, through: version, intention)
        judgeBeyond(contents)
        let unreached = ledger.versions.known.count { ledger.row($0) != nil } - version
        for guarantee in [Guarantee.g6, .g7] {
            findings.undecided(guarantee, "rows that the replay does not reach", unreached)
        }
        findings.examined(.g6, "versions replayed", version)
        findings.examined(.g6, "digests", digestCount)
        intention.count(in: &findings)
    }

    private mutating func judge(_ told: VersionRecord.ToldDigest, of version: Int, _ digest: Digest) {
        guard told.digest != digest else { return }
        report(
            .digestDiffers, "a session was told digest \(told.digest) of version \(version), the replay has \(digest)",
            session: told.session, version: version, lines: [told.line, ledger.row(version)?.line])
    }

    // MARK: Whole contents

    /// Judges the contents of a version.
    private mutating func judge(
        _ contents: inout ArraySlice<DocumentLedger.Content>, at version: Int, _ replay: DocumentContent
    ) {
        guard contents.first?.version == version else { return }
        let expected = ContentFingerprint(of: replay.delta)
        let start = version == 0 ? expected : ContentFingerprint(of: ledger.start)
        while let told = contents.first, told.version == version {
            contents.removeFirst()
            judge(told, expected, start: start, replay.digest)
            switch told.source {
            case .held: findings.examined(.g6, "contents of sessions", 1)
            case .initial, .resync, .read:
                findings.examined(.g2, "contents", 1)
                findings.examined(.g8, "contents", 1)
            }
        }
    }

    private mutating func judge(
        _ told: DocumentLedger.Content, _ expected: ContentFingerprint, start: ContentFingerprint, _ digest: Digest
    ) {
        let version = told.version
        let lines = [told.line, version > 0 ? rows[version - 1].line : nil]
        let isEqual = told.fingerprint == expected
        if told.source == .held {
            if !isEqual {
                report(
                    .contentDiverged, "what the session holds as version \(version) is not the replay's content",
                    session: told.session, version: version, lines: lines)
            }
        } else if version == 0, told.headBefore > 0 {
            report(
                .emptyInsteadOfDocument,
                "a session was shown version 0 after version \(told.headBefore) had been acknowledged",
                session: told.session, version: version, lines: lines)
        } else if !isEqual {
            let isEmpty = told.fingerprint.isBlank && !expected.isBlank || told.fingerprint == start
            report(
                isEmpty ? .emptyInsteadOfDocument : .contentNotOfLog,
                "\(isEmpty ? "an empty document" : "content") was told as version \(version) that is not the replay's",
                session: told.session, version: version, lines: lines)
        } else if version > 0, let committedAt = rows[version - 1].committedAt, told.at < committedAt {
            report(
                .seenBeforeCommit, "version \(version) was shown \(committedAt - told.at) µs before its commit",
                session: told.session, version: version, lines: lines)
        }
        // The digest of a wrong content that is that content's own is no further fault.
        guard let toldDigest = told.digest, toldDigest != digest, isEqual || !told.isDigestOwn else { return }
        report(
            .digestDiffers, "content of version \(version) came with digest \(toldDigest), the replay has \(digest)",
            session: told.session, version: version, lines: lines)
    }

    /// Judges contents that the replay did not reach.
    private mutating func judgeBeyond(_ contents: ArraySlice<DocumentLedger.Content>) {
        let head = ledger.end?.head ?? 0
        for told in contents {
            guard told.version > head, ledger.row(told.version) == nil else {
                findings.undecided(.g2, "contents of versions that the replay does not reach", 1)
                continue
            }
            let rule: Violation.Rule = told.source == .held ? .contentDiverged : .contentNotOfLog
            report(
                rule, "content of version \(told.version) was told, and the log ends at \(head)",
                session: told.session, version: told.version, lines: [told.line, ledger.end?.line])
        }
    }
}
