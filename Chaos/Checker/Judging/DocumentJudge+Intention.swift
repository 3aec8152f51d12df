internal import Delta

/// What G7 keeps during a replay: where every character comes from.
struct IntentionJudge: Sendable {
    var origins: OriginSequence
    var transformed = 0
    var unknown = 0
    var characters = 0

    init(length: Int) { origins = OriginSequence(length: length) }

    func count(in findings: inout Findings) {
        findings.examined(.g7, "submissions transformed", transformed)
        findings.examined(.g7, "inserted characters followed", transformed == 0 ? 0 : characters)
        findings.undecided(.g7, "rows of clients that were not recorded", unknown)
    }
}

// What was submitted and what the log made of it (G7).
extension DocumentJudge {
    /// Transforms what was submitted over the log, from the version that it was based on, and compares.
    ///
    /// - Returns: the base of the sending that became the row; `nil` when none was recorded.
    mutating func judgeSubmission(
        of row: VersionRecord.Row, _ version: Int, _ intention: inout IntentionJudge
    ) -> Int? {
        let sendings = ledger.operations[row.operation].sendings
        guard !sendings.isEmpty else {
            intention.unknown += 1
            return nil
        }
        // A repetition is not transformed again: that it is there is another promise's matter (G3).
        if let first = ledger.operations[row.operation].version, first != version { return nil }
        intention.transformed += 1
        for sending in sendings where sending.base < version {
            if transform(sending, to: version).isSame(as: row.delta) {
                // By other means than those by which it was transformed: not one character more or less.
                guard row.delta.hasInserts(of: sending.delta) else { break }
                return sending.base
            }
        }
        let base = sendings.map(\.base).max()
        let lines = sendings.map { Optional($0.line) } + [row.line]
        guard sendings.contains(where: { row.delta.hasInserts(of: $0.delta) }) else {
            report(
                .insertionChanged,
                "version \(version) does not insert what was submitted: \(brief(row.delta)) for "
                    + "\(brief(sendings[0].delta))",
                operation: row.operation, version: version, lines: lines)
            return base
        }
        report(
            .transformedOtherwise,
            "version \(version) is \(brief(row.delta)); \(brief(sendings[0].delta)), transformed from version "
                + "\(sendings[0].base), is "
                + (sendings[0].base < version
                    ? brief(transform(sendings[0], to: version)) : "based on a version that came later"),
            operation: row.operation, version: version, lines: lines)
        return base
    }

    private func transform(_ sending: OperationRecord.Sending, to version: Int) -> Delta {
        var delta = sending.delta
        // The rows so far could be applied, so that no step of theirs needs rules for embeds.
        for index in sending.base..<version - 1 { delta = rows[index].delta.transform(delta, priority: true) }
        return delta
    }

    /// Moves the origins over a row: what it deletes, its client had seen.
    mutating func follow(
        _ row: VersionRecord.Row, _ version: Int, base: Int?, _ intention: inout IntentionJudge
    ) {
        let client = ledger.operations[row.operation].client
        var unseen: OriginSequence.Span?
        intention.origins.apply(row.delta, version: version) { span in
            let origin = Int(span.version)
            guard let base, origin > base, unseen == nil else { return }
            if ledger.operations[rows[origin - 1].operation].client != client { unseen = span }
        }
        intention.characters += row.delta.ops.reduce(0) { $0 + ($1.isInsert ? $1.length : 0) }
        guard let unseen else { return }
        let origin = rows[Int(unseen.version) - 1]
        report(
            .deletedUnseen,
            "version \(version) deletes \(unseen.length) characters that version \(unseen.version), "
                + "\(name(origin.operation)), inserted; its client had seen version \(base ?? 0)",
            operation: row.operation, version: version, lines: [origin.line, row.line])
    }

    /// Every character of the last content is the one that its origin inserted.
    mutating func judgeOrigins(_ content: DocumentContent, through version: Int, _ intention: IntentionJudge) {
        var texts: [Int32: [UInt16]] = [0: ledger.start.insertedUnits]
        var units: [UInt16] = []
        units.reserveCapacity(content.length)
        for span in intention.origins.spans {
            let text = texts[span.version] ?? rows[Int(span.version) - 1].delta.insertedUnits
            // A version of which several pieces are left is asked for again.
            if text.count > Int(span.length) { texts[span.version] = text }
            units += text[Int(span.offset)..<Int(span.offset + span.length)]
        }
        guard units != content.units(in: 0..<content.length) else { return }
        report(
            .originLost, "the characters of version \(version) are not those that their origins inserted",
            version: version, lines: [version > 0 ? rows[version - 1].line : nil])
    }
}

extension Delta {
    /// The units that it inserts, U+FFFC for an embed.
    fileprivate var insertedUnits: [UInt16] {
        var units: [UInt16] = []
        for op in ops {
            switch op {
            case .insert(let text, _): units += text.units
            case .embed: units.append(Embed.placeholder)
            case .retain, .retainEmbed, .delete: break
            }
        }
        return units
    }

    /// Whether it inserts the same, with the same attributes, in the same order, wherever.
    fileprivate func hasInserts(of other: Delta) -> Bool {
        let own = Delta(ops: ops.filter(\.isInsert))
        let others = Delta(ops: other.ops.filter(\.isInsert))
        return own.isSame(as: others)
    }
}
