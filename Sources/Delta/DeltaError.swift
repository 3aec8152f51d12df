public import JSON

/// Why bytes are no delta, or why two deltas cannot be combined.
public enum DeltaError: Error, Hashable, Sendable {
    /// The bytes are not JSON, or not JSON of the right kinds.
    case json(JSONError)
    /// The op with this index is not exactly one of `insert`, `retain` and `delete`, with or without `attributes`.
    case malformedOp(Int)
    /// The op with this index has a length below 1, or an empty text.
    case lengthBelowOne(Int)
    /// The op with this index is longer than ``Delta/maximumLength``.
    case lengthTooLarge(Int)
    /// The op with this index is a delete with attributes.
    case attributesOnDelete(Int)
    /// A delta that has to be a document holds something else than inserts.
    case notADocument
    /// An embed is retained where there is none, or one of another type.
    case embedMismatch
    /// There is no rule for changing embeds of this type from within.
    case noEmbedRule(String)
}

extension DeltaError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .json(let error): "invalid JSON: \(error)"
        case .malformedOp(let index): "op \(index) is not one of insert, retain and delete"
        case .lengthBelowOne(let index): "op \(index) has a length below 1"
        case .lengthTooLarge(let index): "op \(index) is too long"
        case .attributesOnDelete(let index): "op \(index) is a delete with attributes"
        case .notADocument: "a document holds only inserts"
        case .embedMismatch: "an embed is retained where there is none of its type"
        case .noEmbedRule(let type): "no rule for embeds of type \"\(type)\""
        }
    }
}

/// Why an operation is refused (protocol.md, "Positions and operations"); the code on the wire is `invalid_operation`.
public enum OperationError: Error, Hashable, Sendable {
    /// The operation reaches past the document's end.
    case pastEnd(length: Int, document: Int)
    /// A surrogate pair of the document would be split at this position.
    case splitsSurrogatePair(position: Int)
    /// The op with this index holds U+0000 or a lone surrogate, in its text, its attributes or its embed.
    case invalidText(op: Int)
    /// The op with this index inserts at a place where the op before it deletes: the insert has to be written first.
    case deleteBeforeInsert(op: Int)
    /// The op with this index has a length below 1.
    case lengthBelowOne(op: Int)
    /// The op with this index changes an embed from within, which documents do not know.
    case retainedEmbed(op: Int)
    /// A document was asked for, and the op with this index is no insert.
    case notADocument(op: Int)
    /// The document would be longer than ``Delta/maximumLength``.
    case tooLong
}

extension OperationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .pastEnd(let length, let document):
            "the operation covers \(length) units of a document that has \(document)"
        case .splitsSurrogatePair(let position): "a surrogate pair would be split at \(position)"
        case .invalidText(let op): "op \(op) holds U+0000 or a lone surrogate"
        case .deleteBeforeInsert(let op): "op \(op) inserts behind a delete; the insert has to be written first"
        case .lengthBelowOne(let op): "op \(op) has a length below 1"
        case .retainedEmbed(let op): "op \(op) changes an embed from within"
        case .notADocument(let op): "op \(op) of the document is no insert"
        case .tooLong: "the document would be too long"
        }
    }
}
