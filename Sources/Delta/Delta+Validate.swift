extension Delta {
    /// Checks what an operation must be whatever the document (protocol.md, "Positions and operations").
    ///
    /// - Throws: ``OperationError`` for a length below 1, U+0000 or a lone surrogate (in text, attributes and embeds), an
    ///   insert behind a delete at one place, and a change within an embed.
    public func validate() throws(OperationError) {
        var deletedBefore = false
        for (index, op) in ops.enumerated() {
            guard op.length > 0 else { throw .lengthBelowOne(op: index) }
            guard op.holdsOnlyText else { throw .invalidText(op: index) }
            switch op {
            case .insert:
                if deletedBefore { throw .deleteBeforeInsert(op: index) }
            case .embed:
                if deletedBefore { throw .deleteBeforeInsert(op: index) }
            case .retain:
                deletedBefore = false
            case .delete:
                deletedBefore = true
            case .retainEmbed:
                throw .retainedEmbed(op: index)
            }
        }
    }
}
