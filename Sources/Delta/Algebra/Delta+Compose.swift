extension Delta {
    /// What both changes do, this one first; with a document as this one, the document after the change.
    ///
    /// - Precondition: neither holds a ``Op/retainEmbed(_:_:)`` that meets an embed; these are composed by
    ///   ``compose(_:embeds:)``. No delta that has been validated or read without rules holds one.
    public func compose(_ other: Delta) -> Delta {
        do {
            return try compose(other, embeds: .none)
        } catch {
            preconditionFailure("changes within embeds need rules: \(error)")
        }
    }

    /// What both changes do, this one first, with rules for embeds that are changed from within.
    ///
    /// - Throws: ``DeltaError/embedMismatch`` and ``DeltaError/noEmbedRule(_:)``.
    public func compose(_ other: Delta, embeds: EmbedRules) throws(DeltaError) -> Delta {
        var these = OpIterator(ops)
        var others = OpIterator(other.ops)
        var result = Delta()
        result.ops.reserveCapacity(ops.count + other.ops.count)
        if case .retain(let length, let attributes) = other.ops.first, attributes.isEmpty {
            var left = length
            while these.hasNext, these.kind == .insert, these.remaining <= left {
                left -= these.remaining
                result.ops.append(these.next())
            }
            if length > left { others.skip(length - left) }
        }
        while these.hasNext || others.hasNext {
            if others.kind == .insert {
                result.push(others.next())
            } else if these.kind == .delete {
                result.push(these.next())
            } else {
                let length = min(these.remaining, others.remaining)
                if others.kind == .delete {
                    // An insert that is deleted again goes; what was retained is deleted.
                    if these.kind == .retain { result.push(.delete(length)) }
                    these.skip(length)
                    others.skip(length)
                    continue
                }
                let op = try Self.composed(these.next(length), others.next(length), embeds: embeds)
                result.push(op)
                // The rest of the other is just retain. An op that was merged is another op now, and then quill-delta
                // goes on step by step, which can differ where this delta is not in normal form.
                if !others.hasNext, result.ops.last == op {
                    return result.concat(Delta(ops: these.rest)).chopped()
                }
            }
        }
        result.chop()
        return result
    }

    /// `second`, a retain, after `first`, an insert or a retain; both of one length.
    private static func composed(_ first: Op, _ second: Op, embeds: EmbedRules) throws(DeltaError) -> Op {
        // `null` says something to what is retained, and nothing to what is inserted.
        var keepsNull = false
        if case .retain = first { keepsNull = true }
        let attributes = first.attributes.compose(second.attributes, keepsNull: keepsNull)
        guard case .retainEmbed(let change, _) = second else {
            switch first {
            case .insert(let text, _): return .insert(text, attributes)
            case .embed(let embed, _): return .embed(embed, attributes)
            case .retainEmbed(let embed, _): return .retainEmbed(embed, attributes)
            case .retain(let length, _), .delete(let length): return .retain(length, attributes)
            }
        }
        switch first {
        case .retain, .delete:
            return .retainEmbed(change, attributes)
        case .insert:
            throw .embedMismatch
        case .embed(let embed, _):
            let (type, own, other) = try embed.matched(with: change)
            let value = try embeds.rule(type).compose(own, other, false)
            return .embed(Embed(type: type, value: value), attributes)
        case .retainEmbed(let embed, _):
            let (type, own, other) = try embed.matched(with: change)
            let value = try embeds.rule(type).compose(own, other, true)
            return .retainEmbed(Embed(type: type, value: value), attributes)
        }
    }
}
