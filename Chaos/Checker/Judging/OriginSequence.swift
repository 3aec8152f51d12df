internal import Delta

/// A document as the origins of its characters: which version inserted each, and which of that version's it is (G7).
///
/// It is moved by operations as a text is, but by code of its own: it shares nothing with the rope that the replay uses.
struct OriginSequence: Sendable {
    /// Neighbouring characters that one version inserted in this order.
    struct Span: Hashable, Sendable {
        /// The version that inserted them; 0: they were there at the beginning.
        var version: Int32
        /// The index of the first among all characters that the version inserted.
        var offset: Int32
        var length: Int32
    }

    private var chunks: [[Span]] = [[]]
    private var lengths: [Int] = [0]
    private static let largestChunk = 512

    /// Makes the sequence of a document at version 0.
    init(length: Int) {
        guard length > 0 else { return }
        chunks = [[Span(version: 0, offset: 0, length: Int32(length))]]
        lengths = [length]
    }

    /// Every span in order.
    var spans: [Span] { chunks.flatMap { $0 } }

    /// Applies the operation of a version, which fits, and gives every span that it deletes.
    mutating func apply(_ operation: Delta, version: Int, deleted: (Span) -> Void) {
        var position = 0
        var inserted = 0
        for op in operation.ops {
            switch op {
            case .retain, .retainEmbed: position += op.length
            case .insert, .embed:
                let span = Span(version: Int32(version), offset: Int32(inserted), length: Int32(op.length))
                insert(span, at: position)
                inserted += op.length
                position += op.length
            case .delete(let length): remove(length, at: position, deleted)
            }
        }
    }

    /// The chunk that holds a position or ends at it, and the position in it.
    private func find(_ position: Int) -> (chunk: Int, rest: Int) {
        var rest = position
        for (chunk, length) in lengths.enumerated() {
            if rest <= length { return (chunk, rest) }
            rest -= length
        }
        return (lengths.count - 1, lengths[lengths.count - 1])
    }

    private mutating func insert(_ span: Span, at position: Int) {
        let (chunk, rest) = find(position)
        let index = split(chunk, at: rest)
        chunks[chunk].insert(span, at: index)
        lengths[chunk] += Int(span.length)
        guard chunks[chunk].count > Self.largestChunk else { return }
        let half = chunks[chunk].count / 2
        let tail = Array(chunks[chunk][half...])
        chunks[chunk].removeLast(tail.count)
        let length = tail.reduce(0) { $0 + Int($1.length) }
        lengths[chunk] -= length
        chunks.insert(tail, at: chunk + 1)
        lengths.insert(length, at: chunk + 1)
    }

    private mutating func remove(_ length: Int, at position: Int, _ deleted: (Span) -> Void) {
        var left = length
        while left > 0 {
            var (chunk, rest) = find(position)
            if rest == lengths[chunk], chunk + 1 < chunks.count { (chunk, rest) = nextChunk(after: chunk) }
            let first = split(chunk, at: rest)
            var end = first
            var removed = 0
            while end < chunks[chunk].count, removed < left {
                let span = chunks[chunk][end]
                if removed + Int(span.length) > left {
                    _ = split(chunk, at: rest + left)
                    continue
                }
                deleted(span)
                removed += Int(span.length)
                end += 1
            }
            guard removed > 0 else { return }
            chunks[chunk].removeSubrange(first..<end)
            lengths[chunk] -= removed
            left -= removed
            if chunks[chunk].isEmpty, chunks.count > 1 {
                chunks.remove(at: chunk)
                lengths.remove(at: chunk)
            }
        }
    }

    /// The next chunk that holds anything, at its beginning.
    private func nextChunk(after chunk: Int) -> (chunk: Int, rest: Int) {
        var next = chunk + 1
        while lengths[next] == 0, next + 1 < lengths.count { next += 1 }
        return (next, 0)
    }

    /// The index of the span that begins at a position of a chunk, after cutting the one around it.
    private mutating func split(_ chunk: Int, at position: Int) -> Int {
        var rest = Int32(position)
        var index = 0
        while index < chunks[chunk].count, rest > 0 {
            let length = chunks[chunk][index].length
            if rest < length {
                var tail = chunks[chunk][index]
                tail.offset += rest
                tail.length -= rest
                chunks[chunk][index].length = rest
                chunks[chunk].insert(tail, at: index + 1)
                return index + 1
            }
            rest -= length
            index += 1
        }
        return index
    }
}
