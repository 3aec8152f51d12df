internal import Delta
internal import DocumentCore
internal import JSON
internal import Randomness

/// Makes up edits: mostly a few characters near the last ones, sometimes deleting, formatting, pasting, embeds.
struct Typist {
    private var random: SplitMix64
    private var position = 0
    private static let letters = Array("etaoin shrdlu".utf16)
    /// Documents stay about this long, in UTF-16 units.
    private static let usualLength = 400

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    /// An edit that fits the content; may be empty.
    mutating func edit(_ content: DocumentContent) -> Delta {
        let length = content.length
        // The last newline stays, as in an editor.
        position = min(position, max(0, length - 1))
        if draw(8) == 0 { position = length > 1 ? draw(length) : 0 }
        if content.isSurrogateSplit(at: position) { position += 1 }
        if length > Self.usualLength, draw(2) == 0 { return erase(content, upTo: draw(length / 4) + 1) }
        switch draw(20) {
        case 0..<11: return insert(word(1 + draw(3)))
        case 11..<15: return erase(content, upTo: 1 + draw(5))
        case 15..<17: return format(content)
        case 17: return insert(UTF16Text("😀"))
        case 18: return draw(3) == 0 ? embed() : insert(UTF16Text("\n"))
        default: return insert(word(10 + draw(40)))
        }
    }

    private mutating func draw(_ bound: Int) -> Int { Int.random(in: 0..<max(1, bound), using: &random) }

    private mutating func word(_ count: Int) -> UTF16Text {
        var units: [UInt16] = []
        for _ in 0..<count { units.append(Self.letters[draw(Self.letters.count)]) }
        return UTF16Text(units: units)
    }

    private mutating func insert(_ text: UTF16Text) -> Delta {
        var delta = Delta()
        delta.retain(position)
        let attributes: Attributes = draw(10) == 0 ? ["bold": .bool(true)] : .none
        delta.insert(text, attributes: attributes)
        position += text.count
        return delta
    }

    private mutating func embed() -> Delta {
        var delta = Delta()
        delta.retain(position)
        delta.insert(embed: Embed(["image": .string("\(draw(100))")]))
        position += 1
        return delta
    }

    private mutating func erase(_ content: DocumentContent, upTo count: Int) -> Delta {
        var end = min(content.length - 1, position + count)
        if end < content.length, content.isSurrogateSplit(at: end) { end += 1 }
        var delta = Delta()
        guard end > position else { return delta }
        delta.retain(position)
        delta.delete(end - position)
        return delta
    }

    private mutating func format(_ content: DocumentContent) -> Delta {
        var delta = Delta()
        var end = min(content.length, position + 1 + draw(12))
        if end < content.length, content.isSurrogateSplit(at: end) { end += 1 }
        guard end > position else { return delta }
        delta.retain(position)
        let value = draw(3)
        delta.retain(
            end - position, attributes: ["bold": value == 0 ? .null : .bool(value == 1)])
        return delta
    }
}
