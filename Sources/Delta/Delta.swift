/// A rich-text document or a change of one, as a sequence of steps: Quill's Delta.
///
/// Every function has quill-delta 5's exact result, step for step, so that a browser with Quill's own Delta agrees.
/// Positions and lengths count UTF-16 units. A delta of inserts alone is a document; any delta is a change that
/// ``compose(_:)`` applies.
public struct Delta: Hashable, Sendable {
    /// The steps.
    public internal(set) var ops: [Op]

    /// The longest step or document, in UTF-16 units: so that sums of lengths cannot overflow.
    public static let maximumLength = Int(Int32.max)

    /// Makes the delta without steps: the empty document, and the change that changes nothing.
    public init() { ops = [] }

    /// Makes a delta of these steps as they are; nothing is merged or reordered.
    public init(ops: [Op]) { self.ops = ops }

    /// The sum of the lengths of all steps.
    public var length: Int { ops.reduce(0) { $0 + $1.length } }

    /// By how much the change makes a document longer.
    public var changeLength: Int {
        ops.reduce(0) { sum, op in
            switch op {
            case .insert, .embed: sum + op.length
            case .delete(let length): sum - length
            case .retain, .retainEmbed: sum
            }
        }
    }

    /// How much of a document the change covers: the sum of its retains and deletes.
    public var baseLength: Int { ops.reduce(0) { $1.isInsert ? $0 : $0 + $1.length } }

    /// Whether there is no step.
    public var isEmpty: Bool { ops.isEmpty }

    /// Whether it holds only inserts.
    public var isDocument: Bool { ops.allSatisfy(\.isInsert) }
}

// MARK: Building

extension Delta {
    /// Adds an insert of text; empty text adds nothing.
    public mutating func insert(_ text: some StringProtocol, attributes: Attributes = .none) {
        insert(UTF16Text(text), attributes: attributes)
    }

    /// Adds an insert of text; empty text adds nothing.
    public mutating func insert(_ text: UTF16Text, attributes: Attributes = .none) {
        if !text.isEmpty { push(.insert(text, attributes)) }
    }

    /// Adds an insert of an embed.
    public mutating func insert(embed: Embed, attributes: Attributes = .none) { push(.embed(embed, attributes)) }

    /// Adds a retain; a length below 1 adds nothing.
    public mutating func retain(_ length: Int, attributes: Attributes = .none) {
        if length > 0 { push(.retain(length, attributes)) }
    }

    /// Adds a delete; a length below 1 adds nothing.
    public mutating func delete(_ length: Int) {
        if length > 0 { push(.delete(length)) }
    }

    /// Adds a step in normal form: merged with the last one where they are alike, an insert before a delete.
    public mutating func push(_ op: Op) {
        // No copy of the last op may be alive when it is merged with: its text could then not grow in place.
        var index = ops.count
        if case .delete(let length) = ops.last {
            if case .delete(let more) = op {
                ops[index - 1] = .delete(length + more)
                return
            }
            if op.isInsert { index -= 1 }
        }
        if index > 0, merge(op, into: index - 1) { return }
        if index == ops.count { ops.append(op) } else { ops.insert(op, at: index) }
    }

    private mutating func merge(_ op: Op, into index: Int) -> Bool {
        switch op {
        case .insert(let more, let attributes):
            guard case .insert(_, let own) = ops[index], own == attributes else { return false }
            ops[index].append(more)
            return true
        case .retain(let more, let attributes):
            guard case .retain(let length, let own) = ops[index], own == attributes else { return false }
            ops[index] = .retain(length + more, own)
            return true
        case .embed, .retainEmbed, .delete:
            return false
        }
    }

    /// Removes a last retain without attributes: it says nothing.
    public mutating func chop() {
        if case .retain(_, let attributes) = ops.last, attributes.isEmpty { ops.removeLast() }
    }

    func chopped() -> Delta {
        var result = self
        result.chop()
        return result
    }

    /// This delta followed by another.
    public func concat(_ other: Delta) -> Delta {
        guard let first = other.ops.first else { return self }
        var result = self
        result.push(first)
        result.ops.append(contentsOf: other.ops.dropFirst())
        return result
    }

    /// The steps that cover a range of positions, where every step counts with its length.
    public func slice(_ range: Range<Int>) -> Delta { slice(from: range.lowerBound, to: range.upperBound) }

    /// The steps from a position on, up to another or to the end.
    public func slice(from start: Int, to end: Int = .max) -> Delta {
        var iterator = OpIterator(ops)
        var result = Delta()
        var index = 0
        while index < end, iterator.hasNext {
            if index < start {
                index += iterator.skip(start - index)
            } else {
                let op = iterator.next(end - index)
                index += op.length
                result.ops.append(op)
            }
        }
        return result
    }
}

extension Delta: CustomStringConvertible {
    /// The JSON form.
    public var description: String { String(decoding: jsonUTF8, as: UTF8.self) }
}
