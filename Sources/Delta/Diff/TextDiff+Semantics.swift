// The clean-up that makes a diff easy to read: fewer, larger edits that begin and end at words and lines.
extension TextDiff {
    static func cleanUpSemantics(_ pieces: inout [Piece]) {
        if dissolveSmallEqualities(&pieces) { merge(&pieces, keepsPairs: false) }
        alignEdits(&pieces)
        extractOverlaps(&pieces)
    }

    private struct Changed {
        var inserted = 0
        var deleted = 0
        var larger: Int { max(inserted, deleted) }
    }

    /// Makes an equal piece part of the edits around it when it is no longer than these on either side.
    private static func dissolveSmallEqualities(_ pieces: inout [Piece]) -> Bool {
        var dissolved = false
        // A stack of the places of equal pieces. Its count can fall below zero, where the original goes on with negative
        // places; hence no array.
        var places: [Int: Int] = [:]
        var count = 0
        var candidate: [UInt16]?
        var before = Changed()
        var behind = Changed()
        var index = 0
        while index < pieces.count {
            switch pieces[index].kind {
            case .equal:
                places[count] = index
                count += 1
                before = behind
                behind = Changed()
                candidate = pieces[index].units
            case .insert: behind.inserted += pieces[index].units.count
            case .delete: behind.deleted += pieces[index].units.count
            }
            if pieces[index].kind != .equal, let equal = candidate, !equal.isEmpty, equal.count <= before.larger,
                equal.count <= behind.larger, let place = places[count - 1]
            {
                pieces.insert(Piece(.delete, equal), at: place)
                pieces[place + 1].kind = .insert
                // Neither this one nor the one before it counts any more: that one is looked at again.
                count -= 2
                index = count > 0 ? places[count - 1] ?? -1 : -1
                before = Changed()
                behind = Changed()
                candidate = nil
                dissolved = true
            }
            index += 1
        }
        return dissolved
    }

    /// Slides single edits between equal pieces to where words and lines begin and end.
    private static func alignEdits(_ pieces: inout [Piece]) {
        var index = 1
        while index < pieces.count - 1 {
            defer { index += 1 }
            guard pieces[index - 1].kind == .equal, pieces[index + 1].kind == .equal else { continue }
            let original = pieces[index - 1].units.count
            let length = pieces[index].units.count
            let shift = commonSuffix(pieces[index - 1].units[...], pieces[index].units[...])
            // Wherever the edit stands, the three pieces together are the same units.
            let whole = pieces[index - 1].units + pieces[index].units + pieces[index + 1].units
            var start = original - shift
            var best = start
            func score(_ start: Int) -> Int {
                boundaryScore(whole[..<start], whole[start..<start + length])
                    + boundaryScore(whole[start..<start + length], whole[(start + length)...])
            }
            var bestScore = score(start)
            while start + length < whole.count, whole[start] == whole[start + length] {
                start += 1
                let score = score(start)
                if score >= bestScore {
                    bestScore = score
                    best = start
                }
            }
            guard best != original else { continue }
            pieces[index].units = Array(whole[best..<best + length])
            pieces[index - 1].units = Array(whole[..<best])
            pieces[index + 1].units = Array(whole[(best + length)...])
            if best == 0 {
                pieces.remove(at: index - 1)
                index -= 1
            }
            if best + length == whole.count {
                pieces.remove(at: index + 1)
                index -= 1
            }
        }
    }

    /// Makes what a delete and the insert behind it overlap in an equal piece, if it is at least half of one of them.
    private static func extractOverlaps(_ pieces: inout [Piece]) {
        var index = 1
        while index < pieces.count {
            defer { index += 1 }
            guard pieces[index - 1].kind == .delete, pieces[index].kind == .insert else { continue }
            let deleted = pieces[index - 1].units
            let inserted = pieces[index].units
            let forward = overlap(deleted, inserted)
            let backward = overlap(inserted, deleted)
            let overlap = max(forward, backward)
            if overlap * 2 >= deleted.count || overlap * 2 >= inserted.count {
                if forward >= backward {
                    pieces[index - 1] = Piece(.delete, deleted.dropLast(overlap))
                    pieces[index] = Piece(.insert, inserted.dropFirst(overlap))
                    pieces.insert(Piece(.equal, inserted.prefix(overlap)), at: index)
                } else {
                    pieces[index - 1] = Piece(.insert, inserted.dropLast(overlap))
                    pieces[index] = Piece(.delete, deleted.dropFirst(overlap))
                    pieces.insert(Piece(.equal, deleted.prefix(overlap)), at: index)
                }
                index += 1
            }
            index += 1
        }
    }

    /// The length of the longest end of one text that the other begins with.
    private static func overlap(_ left: [UInt16], _ right: [UInt16]) -> Int {
        let limit = min(left.count, right.count)
        guard limit > 0 else { return 0 }
        let left = left.suffix(limit)
        let right = right.prefix(limit)
        if left == right { return limit }
        var best = 0
        var length = 1
        while length <= limit, let found = find(left.suffix(length), in: right, from: 0) {
            length += found
            if length > limit { break }
            if found == 0 || left.suffix(length) == right.prefix(length) {
                best = length
                length += 1
            }
        }
        return best
    }

    // MARK: Boundaries

    /// How good a place between two texts is for an edit to begin or end: from 0, within a word, to 6, at an end.
    private static func boundaryScore(_ left: ArraySlice<UInt16>, _ right: ArraySlice<UInt16>) -> Int {
        guard let before = left.last, let after = right.first else { return 6 }
        let isPlain = (before: isAlphanumeric(before), after: isAlphanumeric(after))
        let isSpace = (before: isWhitespace(before), after: isWhitespace(after))
        let isBreak = (before: before == 10 || before == 13, after: after == 10 || after == 13)
        if isBreak.before && endsWithBlankLine(left) || isBreak.after && beginsWithBlankLine(right) { return 5 }
        if isBreak.before || isBreak.after { return 4 }
        if !isPlain.before && !isSpace.before && isSpace.after { return 3 }
        if isSpace.before || isSpace.after { return 2 }
        return isPlain.before && isPlain.after ? 0 : 1
    }

    private static func isAlphanumeric(_ unit: UInt16) -> Bool {
        switch unit {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
    }

    /// ECMAScript's white space and line terminators.
    private static func isWhitespace(_ unit: UInt16) -> Bool {
        switch unit {
        case 0x09...0x0D, 0x20, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000, 0xFEFF: true
        default: false
        }
    }

    private static func endsWithBlankLine(_ text: ArraySlice<UInt16>) -> Bool {
        guard text.last == 10 else { return false }
        let rest = text.dropLast()
        return rest.last == 10 || rest.last == 13 && rest.dropLast().last == 10
    }

    private static func beginsWithBlankLine(_ text: ArraySlice<UInt16>) -> Bool {
        let first = text.first == 13 ? text.dropFirst() : text
        guard first.first == 10 else { return false }
        let second = first.dropFirst()
        return second.first == 10 || second.first == 13 && second.dropFirst().first == 10
    }
}
