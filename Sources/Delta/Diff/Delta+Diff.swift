extension Delta {
    /// The change that makes `other` of this document.
    ///
    /// The texts are compared as quill-delta 5 does it (``TextDiff``), with U+0000 for each embed, and the result is
    /// the same. Time is proportional to the length times the number of differences.
    ///
    /// - Throws: ``DeltaError/notADocument`` when one of the two holds something else than inserts.
    public func diff(_ other: Delta) throws(DeltaError) -> Delta {
        let pieces = TextDiff.diff(try documentUnits(), try other.documentUnits())
        var result = Delta()
        var these = OpIterator(ops)
        var others = OpIterator(other.ops)
        for piece in pieces {
            var left = piece.units.count
            while left > 0 {
                switch piece.kind {
                case .insert:
                    let op = others.next(left)
                    left -= op.length
                    result.push(op)
                case .delete:
                    let length = these.skip(left)
                    left -= length
                    result.delete(length)
                case .equal:
                    let length = min(these.remaining, others.remaining, left)
                    let this = these.next(length)
                    let other = others.next(length)
                    left -= length
                    if this.hasSameContent(as: other) {
                        result.retain(length, attributes: this.attributes.diff(other.attributes))
                    } else {
                        result.push(other)
                        result.delete(length)
                    }
                }
            }
        }
        result.chop()
        return result
    }

    private func documentUnits() throws(DeltaError) -> [UInt16] {
        var units: [UInt16] = []
        for op in ops {
            switch op {
            case .insert(let text, _): text.withUnits { units.append(contentsOf: $0) }
            case .embed: units.append(0)
            case .retain, .retainEmbed, .delete: throw .notADocument
            }
        }
        return units
    }
}

extension Op {
    fileprivate func hasSameContent(as other: Op) -> Bool {
        switch (self, other) {
        case (.insert(let left, _), .insert(let right, _)): left == right
        case (.embed(let left, _), .embed(let right, _)): left == right
        default: false
        }
    }
}
