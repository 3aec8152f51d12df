import Delta
import JSON
import Randomness

extension SplitMix64 {
    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

    mutating func text(upTo length: Int = 6) -> String {
        let alphabet = ["a", "b", "c", "A", " ", "\n", ".", "é", "漢", "😀", "👩", "\u{FFFD}", "\"", "\\"]
        return (0...below(length)).map { _ in alphabet[below(alphabet.count)] }.joined()
    }

    /// Attributes, some of them objects; with `null` among the values for a format.
    mutating func attributes(forFormat: Bool = false, empty: Int = 50) -> Attributes {
        if chance(empty) { return .none }
        let names = ["bold", "color", "link", "list", "\u{E000}", "😀"]
        let values: [JSONValue] = [true, "red", "blue", 1, 2.5, ["a": 1, "b": [1, nil]]]
        var object = JSONObject()
        for _ in 0...below(2) {
            object[names[below(names.count)]] = forFormat && chance(30) ? .null : values[below(values.count)]
        }
        return Attributes(object)
    }

    mutating func embed() -> Embed {
        let kinds: [JSONObject] = [["image": "x.png"], ["image": "y.png"], ["formula": "a^2"], ["mention": ["id": 7]]]
        return Embed(kinds[below(kinds.count)])
    }

    mutating func document(ops: Int = 8, textLength: Int = 6) -> Delta {
        var delta = Delta()
        for _ in 0..<below(ops + 1) {
            if chance(15) {
                delta.insert(embed: embed(), attributes: attributes())
            } else {
                delta.insert(text(upTo: textLength), attributes: attributes())
            }
        }
        return delta
    }

    /// An operation that an owner accepts on the document with these units.
    mutating func operation(on units: [UInt16], ops: Int = 5, reach: Int = 8, insertLength: Int = 6) -> Delta {
        var delta = Delta()
        var position = 0
        func extended(_ length: Int) -> Int {
            let end = position + length
            let splits =
                end > 0 && end < units.count && units[end - 1] & 0xFC00 == 0xD800 && units[end] & 0xFC00 == 0xDC00
            return splits ? length + 1 : length
        }
        for _ in 0..<below(ops + 1) {
            let left = units.count - position
            switch below(4) {
            case 0:
                if chance(15) {
                    delta.insert(embed: embed(), attributes: attributes())
                } else {
                    delta.insert(text(upTo: insertLength), attributes: attributes())
                }
            case 1 where left > 0:
                let length = extended(1 + below(min(left, reach)))
                delta.delete(length)
                position += length
            case 2 where left > 0:
                let length = extended(1 + below(min(left, reach)))
                delta.retain(length, attributes: attributes(forFormat: true, empty: 0))
                position += length
            default:
                guard left > 0 else { continue }
                let length = extended(1 + below(min(left, 4 * reach)))
                delta.retain(length)
                position += length
            }
        }
        delta.chop()
        return delta
    }
}

extension Delta {
    /// The units of a document, with U+FFFC for embeds.
    var documentUnits: [UInt16] {
        ops.flatMap { op in
            if case .insert(let text, _) = op { text.units } else { [Embed.placeholder] }
        }
    }

    init(_ json: JSONValue) throws { try self.init(jsonUTF8: json.canonicalUTF8, allowsEmbedRetains: true) }
    init(_ json: String) throws { try self.init(jsonUTF8: Array(json.utf8), allowsEmbedRetains: true) }
}
