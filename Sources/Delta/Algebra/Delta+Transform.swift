import JSON

extension Delta {
    /// The change `other`, made beside this one, as it has to be after this one.
    ///
    /// With priority this change came first: of two inserts at one place its own stands to the left, and of two
    /// formats its own stands. `a.compose(a.transform(b, priority: true))` and
    /// `b.compose(b.transform(a, priority: false))` are the same change (TP1).
    ///
    /// - Precondition: no two ``Op/retainEmbed(_:_:)`` meet; see ``transform(_:priority:embeds:)``.
    public func transform(_ other: Delta, priority: Bool) -> Delta {
        do {
            return try transform(other, priority: priority, embeds: .none)
        } catch {
            preconditionFailure("changes within embeds need rules: \(error)")
        }
    }

    /// The change `other` after this one, with rules for embeds that both change from within.
    ///
    /// - Throws: ``DeltaError/noEmbedRule(_:)``.
    public func transform(_ other: Delta, priority: Bool, embeds: EmbedRules) throws(DeltaError) -> Delta {
        var these = OpIterator(ops)
        var others = OpIterator(other.ops)
        var result = Delta()
        result.ops.reserveCapacity(other.ops.count + 2)
        while these.hasNext || others.hasNext {
            if these.kind == .insert, priority || others.kind != .insert {
                result.retain(these.skip())
            } else if others.kind == .insert {
                result.push(others.next())
            } else {
                let length = min(these.remaining, others.remaining)
                switch (these.kind, others.kind) {
                case (.delete, _):
                    // What is deleted here is neither deleted again nor formatted.
                    these.skip(length)
                    others.skip(length)
                case (_, .delete):
                    these.skip(length)
                    others.skip(length)
                    result.delete(length)
                default:
                    let this = these.next(length)
                    let other = others.next(length)
                    let attributes = this.attributes.transform(other.attributes, priority: priority)
                    guard case .retainEmbed(let change, _) = other else {
                        result.retain(length, attributes: attributes)
                        continue
                    }
                    var transformed = change
                    if case .retainEmbed(let own, _) = this, let member = own.member, let theirs = change.member,
                        member.key == theirs.key
                    {
                        let value = try embeds.rule(member.key).transform(member.value, theirs.value, priority)
                        transformed = Embed(type: member.key, value: value)
                    }
                    result.push(.retainEmbed(transformed, attributes))
                }
            }
        }
        result.chop()
        return result
    }

    /// Where a position is after this change.
    ///
    /// An insert at the position moves it, unless the position has priority: the opposite of
    /// ``transform(_:priority:)``, where priority is this change's. A position with priority stays before text that is
    /// inserted there.
    public func transformPosition(_ index: Int, priority: Bool = false) -> Int {
        var index = index
        var offset = 0
        for op in ops {
            guard offset <= index else { break }
            let length = op.length
            switch op {
            case .delete:
                index -= min(length, index - offset)
                continue
            case .insert, .embed:
                if offset < index || !priority { index += length }
            case .retain, .retainEmbed:
                break
            }
            offset += length
        }
        return index
    }
}
