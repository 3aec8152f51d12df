/// One step of a delta. Lengths are at least 1 and count UTF-16 units.
public enum Op: Hashable, Sendable {
    /// Inserts text; in a document, the text that is there.
    case insert(UTF16Text, Attributes)
    /// Inserts an embed; in a document, the embed that is there.
    case embed(Embed, Attributes)
    /// Keeps so many units, and formats them when there are attributes.
    case retain(Int, Attributes)
    /// Keeps one embed and changes it from within by a rule for its type (``EmbedRules``).
    ///
    /// Part of quill-delta's algebra; ``Delta/validate()`` refuses it in an operation of a document.
    case retainEmbed(Embed, Attributes)
    /// Removes so many units.
    case delete(Int)

    /// The length in UTF-16 units.
    public var length: Int {
        switch self {
        case .insert(let text, _): text.count
        case .embed, .retainEmbed: 1
        case .retain(let length, _), .delete(let length): length
        }
    }

    /// The attributes; none for a delete.
    public var attributes: Attributes {
        switch self {
        case .insert(_, let attributes), .embed(_, let attributes), .retain(_, let attributes),
            .retainEmbed(_, let attributes):
            attributes
        case .delete: .none
        }
    }

    /// Whether it is an insert of text or of an embed.
    public var isInsert: Bool {
        switch self {
        case .insert, .embed: true
        case .retain, .retainEmbed, .delete: false
        }
    }

    /// Whether its text, its attributes and its embed hold neither U+0000 nor a lone surrogate.
    var holdsOnlyText: Bool {
        if attributes.holdsNUL { return false }
        return switch self {
        case .insert(let text, _): text.isValid
        case .embed(let embed, _), .retainEmbed(let embed, _): !embed.box.holdsNUL
        case .retain, .delete: true
        }
    }

    /// A part of the step. An embed has only itself as a part.
    func part(from offset: Int, length: Int) -> Op {
        switch self {
        case .insert(let text, let attributes):
            offset == 0 && length == text.count ? self : .insert(text[offset..<offset + length], attributes)
        case .embed, .retainEmbed: self
        case .retain(_, let attributes): .retain(length, attributes)
        case .delete: .delete(length)
        }
    }

    /// Makes an insert of text longer; nothing happens to another step.
    ///
    /// The text is moved out while it grows: were it referred to twice, each append would copy it.
    mutating func append(_ more: UTF16Text) {
        guard case .insert = self else { return }
        let old = consume self
        self = .delete(1)
        if case .insert(var text, let attributes) = consume old {
            text.append(more)
            self = .insert(text, attributes)
        }
    }
}
