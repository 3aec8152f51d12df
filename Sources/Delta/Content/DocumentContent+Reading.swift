public import JSON

extension DocumentContent {
    /// The document as a delta of inserts, in normal form.
    public var delta: Delta { slice(0..<length) }

    /// A part of the document as a delta of inserts; a bound may split a surrogate pair.
    ///
    /// - Precondition: the range lies within the document.
    public func slice(_ range: Range<Int>) -> Delta {
        precondition(range.lowerBound >= 0 && range.upperBound <= length, "the range lies outside of the document")
        var ops: [Op] = []
        var units: [UInt16] = []
        var attributes = Attributes.none
        func flush() {
            if !units.isEmpty { ops.append(.insert(UTF16Text(units: units), attributes)) }
            units = []
        }
        root.forEach(range.lowerBound, range.upperBound, height: height) { text, run in
            if let embed = run.embed {
                flush()
                ops.append(.embed(embed, run.attributes))
                return
            }
            if run.attributes != attributes {
                flush()
                attributes = run.attributes
            }
            units.append(contentsOf: text)
        }
        flush()
        return Delta(ops: ops)
    }

    /// The text, with U+FFFC for each embed.
    public var text: String { String(decoding: units(in: 0..<length), as: UTF16.self) }

    /// The UTF-16 units of a part of the document, with U+FFFC for each embed.
    ///
    /// - Precondition: the range lies within the document.
    public func units(in range: Range<Int>) -> [UInt16] {
        precondition(range.lowerBound >= 0 && range.upperBound <= length, "the range lies outside of the document")
        var units: [UInt16] = []
        units.reserveCapacity(range.count)
        root.forEach(range.lowerBound, range.upperBound, height: height) { text, _ in units.append(contentsOf: text) }
        return units
    }

    /// The unit at a position.
    ///
    /// - Precondition: the position lies within the document.
    public func unit(at position: Int) -> UInt16 {
        precondition(position >= 0 && position < length, "the position lies outside of the document")
        var branch = root
        var offset = position
        for _ in 0..<height {
            var index = 0
            let children = branch.inner.children
            while offset >= children[index].summary.length {
                offset -= children[index].summary.length
                index += 1
            }
            branch = children[index]
        }
        return branch.leaf.units[offset]
    }

    /// Whether a position lies between the halves of a surrogate pair. `false` outside of the document.
    public func isSurrogateSplit(at position: Int) -> Bool {
        guard root.summary.pairEnds > 0, position > 0, position < length else { return false }
        return unit(at: position - 1) & 0xFC00 == 0xD800 && unit(at: position) & 0xFC00 == 0xDC00
    }

    /// The position at which the code point with an index begins; behind the last one, the positions go on one by one.
    public func utf16Offset(ofCodePoint index: Int) -> Int {
        let codePoints = length - root.summary.pairEnds
        guard root.summary.pairEnds > 0, index < codePoints else { return index + root.summary.pairEnds }
        var branch = root
        var left = index
        var offset = 0
        for _ in 0..<height {
            var child = 0
            let children = branch.inner.children
            while left >= children[child].summary.length - children[child].summary.pairEnds {
                left -= children[child].summary.length - children[child].summary.pairEnds
                offset += children[child].summary.length
                child += 1
            }
            branch = children[child]
        }
        let units = branch.leaf.units
        var local = 0
        // Second halves at the leaf's beginning belong to a code point that begins in the leaf before.
        while left > 0 || units[local] & 0xFC00 == 0xDC00 {
            if units[local] & 0xFC00 != 0xDC00 { left -= 1 }
            local += 1
        }
        return offset + local
    }

    /// The nearest position within the document that splits no surrogate pair, to the left in doubt.
    public func clamp(_ position: Int) -> Int {
        let position = max(0, min(position, length))
        return isSurrogateSplit(at: position) ? position - 1 : position
    }

    /// The operation that undoes this one, which has not been applied yet.
    ///
    /// - Throws: ``OperationError``, where ``apply(_:)`` would refuse the operation.
    public func invert(_ operation: Delta) throws(OperationError) -> Delta {
        try check(operation)
        var result = Delta()
        var position = 0
        for op in operation.ops {
            switch op {
            case .insert, .embed:
                result.delete(op.length)
            case .retain(let length, let attributes):
                if attributes.isEmpty {
                    result.retain(length)
                } else {
                    for piece in slice(position..<position + length).ops {
                        result.retain(piece.length, attributes: attributes.invert(piece.attributes))
                    }
                }
                position += length
            case .delete(let length):
                for piece in slice(position..<position + length).ops { result.push(piece) }
                position += length
            case .retainEmbed:
                preconditionFailure("refused by the check")
            }
        }
        result.chop()
        return result
    }

    /// Writes the document as an array of ops.
    public func write(to writer: inout JSONWriter) { delta.write(to: &writer) }

    /// The document as an array of ops in UTF-8.
    public var jsonUTF8: [UInt8] {
        var writer = JSONWriter(capacity: length + 64)
        write(to: &writer)
        return writer.bytes
    }
}

extension DocumentContent: Equatable {
    /// Whether both documents are the same, piece by piece. O(n) unless they share their tree or differ in digest.
    public static func == (left: DocumentContent, right: DocumentContent) -> Bool {
        if left.root.node === right.root.node { return true }
        return left.length == right.length && left.digest == right.digest && left.delta == right.delta
    }
}

extension ContentBranch {
    /// Goes over the runs between two offsets, each with its units.
    func forEach(
        _ from: Int, _ to: Int, height: Int, _ body: (UnsafeBufferPointer<UInt16>, ContentRun) -> Void
    ) {
        var start = 0
        guard height > 0 else {
            for var run in leaf.runs {
                let low = max(start, from)
                let high = min(start + run.length, to)
                start += run.length
                guard low < high else { continue }
                run.length = high - low
                body(UnsafeBufferPointer(start: leaf.units + low, count: run.length), run)
            }
            return
        }
        for child in inner.children {
            let low = max(from - start, 0)
            let high = min(to - start, child.summary.length)
            if low < high { child.forEach(low, high, height: height - 1, body) }
            start += child.summary.length
        }
    }
}
