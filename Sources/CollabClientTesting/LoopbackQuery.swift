/// A request target's path and parameters.
struct LoopbackQuery {
    let path: Substring
    private var values: [Substring: String] = [:]

    init(_ target: String) {
        path = target.prefix { $0 != "?" }
        for pair in target.dropFirst(path.count).dropFirst().split(separator: "&") {
            let name = pair.prefix { $0 != "=" }
            values[name] = Self.decoded(pair.dropFirst(name.count).dropFirst())
        }
    }

    subscript(name: Substring) -> String? { values[name] }

    private static func decoded(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            if byte == UInt8(ascii: "%"), let high = rest.next(), let low = rest.next(),
                let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
            {
                bytes.append(value)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
