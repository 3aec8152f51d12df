/// Goes over the steps of a delta in pieces of any length. Behind the end it gives retains without end.
struct OpIterator {
    enum Kind { case insert, retain, delete }

    let ops: [Op]
    private var index = 0
    private var offset = 0
    // The length of the op at `index`, kept so that a long text is not counted for every piece of it.
    private var length = 0

    init(_ ops: [Op]) {
        self.ops = ops
        length = ops.first?.length ?? .max
    }

    var hasNext: Bool { index < ops.count }

    /// What is left of the current step; `Int.max` behind the end.
    var remaining: Int { index < ops.count ? length - offset : .max }

    var kind: Kind {
        guard index < ops.count else { return .retain }
        switch ops[index] {
        case .insert, .embed: return .insert
        case .retain, .retainEmbed: return .retain
        case .delete: return .delete
        }
    }

    /// The current step, whole.
    var current: Op? { index < ops.count ? ops[index] : nil }

    /// The attributes of the current step.
    var attributes: Attributes { index < ops.count ? ops[index].attributes : .none }

    /// The next piece, of at most the given length.
    mutating func next(_ limit: Int = .max) -> Op {
        guard index < ops.count else { return .retain(limit, .none) }
        let taken = min(limit, length - offset)
        let piece = ops[index].part(from: offset, length: taken)
        advance(taken)
        return piece
    }

    /// Goes past the next piece, of at most the given length; returns its length.
    @discardableResult
    mutating func skip(_ limit: Int = .max) -> Int {
        guard index < ops.count else { return limit }
        let taken = min(limit, length - offset)
        advance(taken)
        return taken
    }

    private mutating func advance(_ taken: Int) {
        offset += taken
        guard offset == length else { return }
        index += 1
        offset = 0
        length = index < ops.count ? ops[index].length : .max
    }

    /// What is left, without going there.
    var rest: [Op] {
        guard index < ops.count else { return [] }
        guard offset > 0 else { return Array(ops[index...]) }
        return [ops[index].part(from: offset, length: length - offset)] + ops[(index + 1)...]
    }
}
