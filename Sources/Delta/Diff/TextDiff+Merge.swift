extension TextDiff {
    /// Puts edits that stand together into one delete and one insert, takes out of them what is equal at their ends,
    /// joins equal pieces, and slides edits over equal pieces where that makes one piece less.
    ///
    /// - Parameter keepsPairs: whether equal pieces give up halves of surrogate pairs at their ends.
    static func merge(_ pieces: inout [Piece], keepsPairs: Bool) {
        repeat {
            pieces = joined(pieces, keepsPairs: keepsPairs)
        } while slide(&pieces)
    }

    private static func joined(_ pieces: [Piece], keepsPairs: Bool) -> [Piece] {
        var result: [Piece] = []
        result.reserveCapacity(pieces.count + 1)
        var deleted: [UInt16] = []
        var inserted: [UInt16] = []
        for position in 0...pieces.count {
            // Behind the last piece an empty equal one stands, so that edits at the end are dealt with as well.
            let isLast = position == pieces.count
            var piece = isLast ? Piece(.equal, []) : pieces[position]
            if piece.units.isEmpty && !isLast { continue }
            switch piece.kind {
            case .insert: inserted += piece.units
            case .delete: deleted += piece.units
            case .equal:
                if keepsPairs { takeHalves(&result, &piece, &deleted, &inserted) }
                if piece.units.isEmpty && !isLast { continue }
                takeCommon(&result, &piece, &deleted, &inserted)
                if !deleted.isEmpty { result.append(Piece(.delete, deleted)) }
                if !inserted.isEmpty { result.append(Piece(.insert, inserted)) }
                if result.last?.kind == .equal {
                    result[result.count - 1].units += piece.units
                } else if !piece.units.isEmpty {
                    result.append(piece)
                }
                deleted = []
                inserted = []
            }
        }
        return result
    }

    /// Moves halves of surrogate pairs at the end of the equal piece before the edits, and at the beginning of the one
    /// behind them, into the edits.
    private static func takeHalves(
        _ result: inout [Piece], _ piece: inout Piece, _ deleted: inout [UInt16], _ inserted: inout [UInt16]
    ) {
        if let before = result.last, isPairStart(before.units.last), let half = before.units.last {
            result[result.count - 1].units.removeLast()
            deleted.insert(half, at: 0)
            inserted.insert(half, at: 0)
            if result[result.count - 1].units.isEmpty {
                result.removeLast()
                if let last = result.last, last.kind == .insert {
                    inserted = last.units + inserted
                    result.removeLast()
                }
                if let last = result.last, last.kind == .delete {
                    deleted = last.units + deleted
                    result.removeLast()
                }
            }
        }
        if let half = piece.units.first, isPairEnd(half) {
            piece.units.removeFirst()
            deleted.append(half)
            inserted.append(half)
        }
    }

    /// Moves what deleted and inserted text have in common at their ends into the equal pieces around them.
    private static func takeCommon(
        _ result: inout [Piece], _ piece: inout Piece, _ deleted: inout [UInt16], _ inserted: inout [UInt16]
    ) {
        guard !deleted.isEmpty, !inserted.isEmpty else { return }
        let prefix = commonPrefix(inserted[...], deleted[...])
        if prefix > 0 {
            if result.isEmpty {
                result.append(Piece(.equal, inserted[..<prefix]))
            } else {
                result[result.count - 1].units += inserted[..<prefix]
            }
            inserted.removeFirst(prefix)
            deleted.removeFirst(prefix)
        }
        let suffix = commonSuffix(inserted[...], deleted[...])
        if suffix > 0 {
            piece.units = inserted.suffix(suffix) + piece.units
            inserted.removeLast(suffix)
            deleted.removeLast(suffix)
        }
    }

    /// Slides single edits between equal pieces over one of them where it ends or begins with that; says whether any.
    private static func slide(_ pieces: inout [Piece]) -> Bool {
        var changed = false
        var index = 1
        while index < pieces.count - 1 {
            defer { index += 1 }
            guard pieces[index - 1].kind == .equal, pieces[index + 1].kind == .equal else { continue }
            let edit = pieces[index].units
            let before = pieces[index - 1].units
            let after = pieces[index + 1].units
            if edit.count >= before.count, edit.suffix(before.count) == before[...] {
                pieces[index].units = before + edit.dropLast(before.count)
                pieces[index + 1].units = before + after
                pieces.remove(at: index - 1)
                changed = true
            } else if edit.count >= after.count, edit.prefix(after.count) == after[...] {
                pieces[index - 1].units += after
                pieces[index].units = edit.dropFirst(after.count) + after
                pieces.remove(at: index + 1)
                changed = true
            }
        }
        return changed
    }
}
