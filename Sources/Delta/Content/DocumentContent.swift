public struct DocumentContent: Sendable {
    var document: Delta
    public init() { document = Delta(ops: [.insert("\n", .none)]) }
    public init(_ document: Delta) throws(OperationError) {
        for (index, op) in document.ops.enumerated() where !op.isInsert { throw .notADocument(op: index) }
        try document.validate()
        self.document = Delta().compose(document)
    }
    public var length: Int { document.length }
    public var digest: Digest { Digest(of: document) }
    public var byteEstimate: Int { 2 * document.length }
    public mutating func apply(_ operation: Delta) throws(OperationError) {
        try operation.validate()
        guard operation.baseLength <= length else { throw .pastEnd(length: operation.baseLength, document: length) }
        document = document.compose(operation)
    }
    public var delta: Delta { document }
    public var text: String {
        String(
            decoding: document.ops.flatMap { op in
                if case .insert(let text, _) = op { text.units } else { [Embed.placeholder] }
            }, as: UTF16.self)
    }
    public func slice(_ range: Range<Int>) -> Delta { document.slice(range) }
    public func units(in range: Range<Int>) -> [UInt16] { [] }
    public func invert(_ operation: Delta) -> Delta { operation.invert(document) }
    public func isSurrogateSplit(at position: Int) -> Bool { false }
}
