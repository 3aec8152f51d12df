/// The target of a request: its path, and its query decoded.
struct RequestTarget {
    /// As it was sent.
    var path: Substring
    /// Of a repeated parameter the first counts.
    private(set) var parameters: [Substring: String] = [:]

    /// `nil` for a query that is not validly percent-encoded.
    init?(_ target: String) {
        path = target.prefix { $0 != "?" && $0 != "#" }
        let query = target.dropFirst(path.count).drop { $0 == "?" }.prefix { $0 != "#" }
        for pair in query.split(separator: "&") {
            let name = pair.prefix { $0 != "=" }
            guard let value = Self.decoded(pair.dropFirst(name.count).dropFirst(), plusIsSpace: true) else {
                return nil
            }
            if parameters[name] == nil { parameters[name] = value }
        }
    }

    static func decoded(_ text: Substring, plusIsSpace: Bool) -> String? {
        var bytes = [UInt8]()
        bytes.reserveCapacity(text.utf8.count)
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            if byte == UInt8(ascii: "%") {
                guard let high = rest.next().flatMap(hexadecimal), let low = rest.next().flatMap(hexadecimal) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? UInt8(ascii: " ") : byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map(UInt8.init)
    }
}
