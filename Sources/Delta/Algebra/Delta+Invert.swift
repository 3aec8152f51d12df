extension Delta {
    /// The change that undoes this one on a document that had been `base` before it.
    ///
    /// - Precondition: it holds no ``Op/retainEmbed(_:_:)``; see ``invert(_:embeds:)``.
    public func invert(_ base: Delta) -> Delta {
        do {
            return try invert(base, embeds: .none)
        } catch {
            preconditionFailure("changes within embeds need rules: \(error)")
        }
    }

    /// The change that undoes this one, with rules for embeds that are changed from within.
    ///
    /// - Throws: ``DeltaError/embedMismatch`` and ``DeltaError/noEmbedRule(_:)``.
    public func invert(_ base: Delta, embeds: EmbedRules) throws(DeltaError) -> Delta {
        var result = Delta()
        var document = OpIterator(base.ops)
        for op in ops {
            switch op {
            case .insert, .embed:
                result.delete(op.length)
            case .retain(let length, let attributes) where attributes.isEmpty:
                result.retain(length)
                document.skipAll(length)
            case .delete(let length):
                document.forEach(length) { result.push($0) }
            case .retain(let length, let attributes):
                document.forEach(length) { piece in
                    result.retain(piece.length, attributes: attributes.invert(piece.attributes))
                }
            case .retainEmbed(let change, let attributes):
                guard case .embed(let embed, let own) = document.next(1) else { throw .embedMismatch }
                let (type, ours, theirs) = try change.matched(with: embed)
                let value = try embeds.rule(type).invert(ours, theirs)
                result.push(.retainEmbed(Embed(type: type, value: value), attributes.invert(own)))
            }
        }
        result.chop()
        return result
    }
}

extension OpIterator {
    /// Goes past so many units, or to the end.
    mutating func skipAll(_ length: Int) {
        var left = length
        while left > 0, hasNext { left -= skip(left) }
    }

    /// Goes over the pieces of the next so many units, or of all up to the end.
    mutating func forEach(_ length: Int, _ body: (Op) -> Void) {
        var left = length
        while left > 0, hasNext {
            let piece = next(left)
            left -= piece.length
            body(piece)
        }
    }
}
