/// The differences of two texts, found as the JavaScript library fast-diff 1.3.0 finds them, which quill-delta uses.
///
/// It is Myers's algorithm (An O(ND) Difference Algorithm and Its Variations, 1986) with the shortcuts and the clean-up
/// of Neil Fraser's Diff Match and Patch (Apache-2.0): several smallest edits exist, and an editor that computes the
/// same diff in a browser has to get the very same one. So the order of the steps follows that library; where it looks
/// odd, it is odd there.
enum TextDiff {
    enum Kind { case delete, insert, equal }

    struct Piece: Equatable {
        var kind: Kind
        var units: [UInt16]
        init(_ kind: Kind, _ units: [UInt16]) {
            self.kind = kind
            self.units = units
        }
        init(_ kind: Kind, _ units: ArraySlice<UInt16>) { self.init(kind, Array(units)) }
    }

    /// The pieces in order that make `new` of `old`, cleaned up for people to read and with no surrogate pair split.
    static func diff(_ old: [UInt16], _ new: [UInt16]) -> [Piece] {
        var pieces = compare(old[...], new[...], keepsPairs: true)
        cleanUpSemantics(&pieces)
        return pieces
    }

    /// The differences without clean-up for meaning.
    static func compare(_ old: ArraySlice<UInt16>, _ new: ArraySlice<UInt16>, keepsPairs: Bool = false) -> [Piece] {
        if old == new { return old.isEmpty ? [] : [Piece(.equal, old)] }
        let prefix = commonPrefix(old, new)
        let head = old.prefix(prefix)
        var old = old.dropFirst(prefix)
        var new = new.dropFirst(prefix)
        let suffix = commonSuffix(old, new)
        let tail = old.suffix(suffix)
        old = old.dropLast(suffix)
        new = new.dropLast(suffix)
        var pieces = compareMiddle(old, new)
        if !head.isEmpty { pieces.insert(Piece(.equal, head), at: 0) }
        if !tail.isEmpty { pieces.append(Piece(.equal, tail)) }
        merge(&pieces, keepsPairs: keepsPairs)
        return pieces
    }

    /// The differences of texts that begin and end differently.
    private static func compareMiddle(_ old: ArraySlice<UInt16>, _ new: ArraySlice<UInt16>) -> [Piece] {
        if old.isEmpty { return [Piece(.insert, new)] }
        if new.isEmpty { return [Piece(.delete, old)] }
        let (long, short) = old.count > new.count ? (old, new) : (new, old)
        if let index = find(short, in: long, from: 0) {
            let kind: Kind = old.count > new.count ? .delete : .insert
            let start = long.startIndex + index
            return [
                Piece(kind, long[..<start]), Piece(.equal, short), Piece(kind, long[(start + short.count)...]),
            ]
        }
        if short.count == 1 { return [Piece(.delete, old), Piece(.insert, new)] }
        if let half = halfMatch(old, new) {
            return compare(half.oldHead, half.newHead) + [Piece(.equal, half.middle)]
                + compare(half.oldTail, half.newTail)
        }
        return bisect(old, new)
    }

    // MARK: Common parts

    static func isPairStart(_ unit: UInt16?) -> Bool { unit.map { $0 & 0xFC00 == 0xD800 } ?? false }
    static func isPairEnd(_ unit: UInt16?) -> Bool { unit.map { $0 & 0xFC00 == 0xDC00 } ?? false }

    /// The length of the common beginning, which never ends within a surrogate pair.
    static func commonPrefix(_ left: ArraySlice<UInt16>, _ right: ArraySlice<UInt16>) -> Int {
        let count = left.withUnsafeBufferPointer { left in
            right.withUnsafeBufferPointer { right in
                let limit = min(left.count, right.count)
                var index = 0
                while index < limit, left[index] == right[index] { index += 1 }
                return index
            }
        }
        return count > 0 && isPairStart(left[left.startIndex + count - 1]) ? count - 1 : count
    }

    /// The length of the common end, which never begins within a surrogate pair.
    static func commonSuffix(_ left: ArraySlice<UInt16>, _ right: ArraySlice<UInt16>) -> Int {
        let count = left.withUnsafeBufferPointer { left in
            right.withUnsafeBufferPointer { right in
                let limit = min(left.count, right.count)
                var index = 0
                while index < limit, left[left.count - 1 - index] == right[right.count - 1 - index] { index += 1 }
                return index
            }
        }
        return count > 0 && isPairEnd(left[left.endIndex - count]) ? count - 1 : count
    }

    /// Where a text is found in another, from an offset on; offsets count from the beginning of the slice.
    static func find(_ needle: ArraySlice<UInt16>, in text: ArraySlice<UInt16>, from offset: Int) -> Int? {
        text.withUnsafeBufferPointer { text in
            needle.withUnsafeBufferPointer { needle in
                guard needle.count <= text.count else { return nil }
                guard let first = needle.first else { return offset <= text.count ? offset : nil }
                var index = offset
                while index <= text.count - needle.count {
                    if text[index] == first {
                        var matched = 1
                        while matched < needle.count, text[index + matched] == needle[matched] { matched += 1 }
                        if matched == needle.count { return index }
                    }
                    index += 1
                }
                return nil
            }
        }
    }
}
