package import Delta
import JSON
import Randomness

/// Types as people do: runs of characters at a cursor, corrections, formats, jumps to another place.
package struct TypingSource: EditSource {
    package private(set) var cursor = 0
    private var generator: SplitMix64
    private let mix: TypingMix
    private var word = 0
    private var jumpsSoon = true

    private static let words: [[UInt16]] = [
        "the", "quick", "owner", "of", "a", "document", "writes", "every", "edit", "in", "order", "and", "Grüße",
        "naïve",
        "слово", "文字", "🙂", "tells", "nobody", "before", "it", "is", "durable",
    ].map { Array("\($0) ".utf16) }
    private static let formats: [Attributes] = [
        ["bold": .bool(true)], ["italic": .bool(true)], ["bold": .null], ["color": .string("#b3261e")],
        ["color": .null],
    ]
    private var text: [UInt16] = []
    private var position = 0

    package init(seed: UInt64, mix: TypingMix = TypingMix()) {
        generator = SplitMix64(seed: seed)
        self.mix = mix
    }

    package mutating func moved(over change: Delta) { cursor = change.transformPosition(cursor, priority: true) }

    package mutating func next(_ content: DocumentContent) -> Delta? {
        // The last line feed of a document stays behind everything that is typed, as in Quill.
        let end = max(0, content.length - 1)
        let roll = Int.random(in: 0..<1_000, using: &generator)
        if jumpsSoon || roll < mix.jumps {
            cursor = Int.random(in: 0...end, using: &generator)
            jumpsSoon = false
        }
        cursor = content.clamp(min(cursor, end))
        let corrections = mix.jumps + mix.corrections
        let deletions = corrections + mix.deletions
        let formats = deletions + mix.formats
        switch roll {
        case mix.jumps..<corrections where cursor > 0: return delete(content, Int.random(in: 1...3, using: &generator))
        case corrections..<deletions where cursor > 0: return delete(content, Int.random(in: 4...20, using: &generator))
        case deletions..<formats where cursor > 1: return format(content)
        case formats..<formats + mix.lines: return insert([10])
        default: return type()
        }
    }

    private mutating func type() -> Delta {
        if position >= text.count {
            text = Self.words[Int.random(in: 0..<Self.words.count, using: &generator)]
            position = 0
        }
        // A surrogate pair is one key.
        let count = text[position] & 0xFC00 == 0xD800 ? 2 : 1
        defer { position += count }
        return insert(Array(text[position..<position + count]))
    }

    private mutating func insert(_ units: [UInt16]) -> Delta {
        var edit = Delta()
        edit.retain(cursor)
        edit.insert(UTF16Text(units: units))
        cursor += units.count
        return edit
    }

    private mutating func delete(_ content: DocumentContent, _ count: Int) -> Delta {
        let start = content.clamp(max(0, cursor - count))
        var edit = Delta()
        edit.retain(start)
        edit.delete(cursor - start)
        cursor = start
        return edit
    }

    private mutating func format(_ content: DocumentContent) -> Delta {
        let start = content.clamp(max(0, cursor - Int.random(in: 1...20, using: &generator)))
        var edit = Delta()
        edit.retain(start)
        edit.retain(cursor - start, attributes: Self.formats[Int.random(in: 0..<Self.formats.count, using: &generator)])
        return edit
    }
}

/// How often a typist does something else than to go on typing, in edits of a thousand.
package struct TypingMix: Sendable, Hashable {
    /// Jumps to another place.
    package var jumps = 15
    /// Takes back up to three characters.
    package var corrections = 80
    /// Deletes up to twenty.
    package var deletions = 20
    package var formats = 40
    /// Begins a line.
    package var lines = 15

    package init() {}

    /// All of them; at most a thousand.
    package var sum: Int { jumps + corrections + deletions + formats + lines }
}
