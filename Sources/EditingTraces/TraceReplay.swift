public import Delta

/// Replays a session of one person, each patch as an operation of its own.
public struct TraceReplay: Sendable {
    /// The document so far.
    public private(set) var content: DocumentContent
    /// How many operations have been applied.
    public private(set) var edits = 0
    // The digests after each operation, so that every one has to be there.
    public private(set) var digests: UInt64 = 0

    /// Starts with the trace's first content.
    ///
    /// - Throws: ``EditingTraceError/malformed(_:)`` for text that a document cannot hold.
    public init(startContent: UTF16Text) throws(EditingTraceError) {
        var document = Delta()
        document.insert(startContent)
        do {
            content = try DocumentContent(document)
        } catch {
            throw .malformed("\(error)")
        }
    }

    /// Applies every patch of the trace: makes the operation, has it checked and applied, and takes the digest.
    ///
    /// - Throws: ``EditingTraceError/concurrent``, ``EditingTraceError/doesNotApply(transaction:_:)``.
    public mutating func run(_ trace: EditingTrace) throws(EditingTraceError) {
        guard !trace.isConcurrent else { throw .concurrent }
        for (index, transaction) in trace.transactions.enumerated() {
            for patch in transaction.patches {
                do {
                    try apply(patch)
                } catch {
                    throw .doesNotApply(transaction: index, "\(error)")
                }
            }
        }
    }

    /// Applies one patch.
    ///
    /// - Throws: ``OperationError`` when it does not fit the document.
    public mutating func apply(_ patch: EditingTrace.Patch) throws(OperationError) {
        try content.apply(operation(of: patch))
        edits += 1
        digests ^= content.digest.rawValue
    }

    /// The operation that a patch is, in UTF-16 units of the document as it is now.
    public func operation(of patch: EditingTrace.Patch) -> Delta {
        let start = content.utf16Offset(ofCodePoint: patch.position)
        var operation = Delta()
        operation.retain(start)
        operation.insert(patch.inserted)
        if patch.deleted > 0 {
            operation.delete(content.utf16Offset(ofCodePoint: patch.position + patch.deleted) - start)
        }
        return operation
    }

    /// Whether the document is the given text and nothing else, and its digest what one pass over that text gives.
    public func matches(_ text: UTF16Text) -> Bool {
        var expected = Delta()
        expected.insert(text)
        return content.delta == expected && content.digest == Digest(of: expected)
    }
}
