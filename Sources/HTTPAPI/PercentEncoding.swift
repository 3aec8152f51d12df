/// Percent-encoding of URLs (RFC 3986, section 2.1).
enum PercentEncoding {
    /// The decoded text; `nil` for a percent sign without two digits, and for what is not UTF-8.
    static func decode(_ text: String) -> String? {
        var bytes = [UInt8]()
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.next().flatMap(digit), let low = rest.next().flatMap(digit) else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        Character(UnicodeScalar(byte)).hexDigitValue.map { UInt8($0) }
    }
}
