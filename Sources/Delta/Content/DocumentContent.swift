/// A document as a persistent, balanced tree of attributed runs, indexed by UTF-16 offset.
///
/// Copying is O(1) and shares everything; an edit copies the nodes on its way that are shared and costs O(log n) in a
/// document of any size. Every node knows length and hash of what is below it, so the ``digest`` is always at hand.
public struct DocumentContent: Sendable {
    var root: ContentBranch
    // The height of the root above the leaves.
    var height: Int

    /// Makes the document that Quill has when it is empty: one line feed.
    public init() {
        let units: [UInt16] = [10]
        let leaf = units.withUnsafeBufferPointer {
            ContentLeaf($0, [ContentRun(length: 1, attributes: .none, embed: nil)])
        }
        root = ContentBranch(node: leaf, summary: leaf.summarize())
        height = 0
    }

    /// Makes a document of its inserts.
    ///
    /// - Throws: ``OperationError/notADocument(op:)`` for another step, ``OperationError/invalidText(op:)`` for U+0000
    ///   or a lone surrogate, ``OperationError/tooLong``.
    public init(_ document: Delta) throws(OperationError) {
        var assembler = ContentAssembler()
        var length = 0
        for (index, op) in document.ops.enumerated() {
            guard op.isInsert else { throw .notADocument(op: index) }
            guard op.length > 0 else { throw .lengthBelowOne(op: index) }
            guard op.length <= Delta.maximumLength - length else { throw .tooLong }
            guard op.holdsOnlyText else { throw .invalidText(op: index) }
            length += op.length
            op.withRun { assembler.append($0, $1) }
        }
        self.init(leaves: assembler.leaves())
    }

    private init(leaves: [ContentBranch]) {
        var branches = leaves
        height = 0
        while branches.count > 1 {
            branches = ContentInner.parents(of: branches)
            height += 1
        }
        root = branches[0]
    }

    /// The length in UTF-16 units.
    public var length: Int { root.summary.length }

    /// The hash of the content; O(1).
    public var digest: Digest { Digest(root.summary.hash) }

    /// An estimate of the memory that the content takes up, in bytes; O(1).
    public var byteEstimate: Int { root.summary.bytes }
}

// MARK: Changing

extension DocumentContent {
    /// Applies an operation, or refuses it as an owner does and stays as it is (protocol.md, "Positions and
    /// operations").
    ///
    /// - Throws: ``OperationError`` as ``Delta/validate()``, and when the operation reaches past the end, splits a
    ///   surrogate pair of the document, or would make it longer than ``Delta/maximumLength``.
    public mutating func apply(_ operation: Delta) throws(OperationError) {
        try check(operation)
        var position = 0
        for op in operation.ops {
            switch op {
            case .retain(let length, let attributes):
                if !attributes.isEmpty { format(position, position + length, attributes) }
                position += length
            case .insert(let text, let attributes):
                let run = ContentRun(length: text.count, attributes: attributes, embed: nil)
                text.withUnits { insert($0, run, at: position) }
                position += run.length
            case .embed:
                op.withRun { insert($0, $1, at: position) }
                position += 1
            case .delete(let length):
                remove(position, position + length)
            case .retainEmbed:
                preconditionFailure("refused by the check")
            }
        }
    }

    /// Checks an operation as ``apply(_:)`` does, without applying it.
    public func check(_ operation: Delta) throws(OperationError) {
        try operation.validate()
        let total = length
        var position = 0
        var result = total
        var mayCut = false
        for op in operation.ops {
            let isPlain: Bool
            switch op {
            case .insert(let text, _):
                guard text.count <= Delta.maximumLength - result else { throw .tooLong }
                result += text.count
                if isSurrogateSplit(at: position) { throw .splitsSurrogatePair(position: position) }
                continue
            case .embed:
                guard result < Delta.maximumLength else { throw .tooLong }
                result += 1
                if isSurrogateSplit(at: position) { throw .splitsSurrogatePair(position: position) }
                continue
            case .retain(_, let attributes): isPlain = attributes.isEmpty
            case .retainEmbed: isPlain = false
            case .delete(let length):
                isPlain = false
                result -= min(length, result)
            }
            // A place is cut where what is done to the text changes there.
            if mayCut || !isPlain, isSurrogateSplit(at: position) { throw .splitsSurrogatePair(position: position) }
            guard op.length <= total - position else {
                throw .pastEnd(length: operation.boundedBaseLength, document: total)
            }
            position += op.length
            mayCut = !isPlain
        }
        if mayCut, isSurrogateSplit(at: position) { throw .splitsSurrogatePair(position: position) }
    }

    private mutating func insert(_ units: UnsafeBufferPointer<UInt16>, _ run: ContentRun, at position: Int) {
        grow(root.insert(units, run, at: position, height: height))
    }

    private mutating func remove(_ from: Int, _ to: Int) {
        guard from > 0 || to < length else {
            self = DocumentContent(leaves: ContentAssembler().leaves())
            return
        }
        root.remove(from, to, height: height)
        shrink()
    }

    private mutating func format(_ from: Int, _ to: Int, _ attributes: Attributes) {
        // Neighbouring runs mostly have few distinct attributes: what was just made is used again, not made again.
        var last: (before: Attributes, after: Attributes)?
        let more = root.format(from, to, height: height) { before in
            if let last, last.before == before { return last.after }
            let after = before.compose(attributes, keepsNull: false)
            last = (before, after)
            return after
        }
        grow(more)
        shrink()
    }

    private mutating func grow(_ more: [ContentBranch]) {
        guard !more.isEmpty else { return }
        var branches = [root] + more
        while branches.count > 1 {
            branches = ContentInner.parents(of: branches)
            height += 1
        }
        root = branches[0]
    }

    private mutating func shrink() {
        while height > 0, root.inner.children.count == 1 {
            root = root.inner.children[0]
            height -= 1
        }
    }
}

extension Delta {
    /// ``baseLength``, or `Int.max` where the sum is larger: for messages about an operation that is too long.
    var boundedBaseLength: Int {
        ops.reduce(0) { sum, op in
            guard !op.isInsert else { return sum }
            let (result, overflow) = sum.addingReportingOverflow(op.length)
            return overflow ? .max : result
        }
    }
}

extension Op {
    /// Calls the closure with the units and the run of an insert; not at all for another step.
    func withRun(_ body: (UnsafeBufferPointer<UInt16>, ContentRun) -> Void) {
        switch self {
        case .insert(let text, let attributes):
            text.withUnits { body($0, ContentRun(length: $0.count, attributes: attributes, embed: nil)) }
        case .embed(let embed, let attributes):
            withUnsafePointer(to: Embed.placeholder) { unit in
                body(
                    UnsafeBufferPointer(start: unit, count: 1),
                    ContentRun(length: 1, attributes: attributes, embed: embed))
            }
        case .retain, .retainEmbed, .delete:
            break
        }
    }
}
