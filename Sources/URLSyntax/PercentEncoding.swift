/// Percent-encoding (RFC 3986, section 2.1) of UTF-8.
package enum PercentEncoding {
    /// The decoded text.
    ///
    /// - Parameter plusIsSpace: whether a `+` stands for a space, as in the query of a form.
    /// - Throws: ``URLSyntaxError/invalidEscape`` or ``URLSyntaxError/invalidText``.
    package static func decode(
        _ text: some StringProtocol, plusIsSpace: Bool = false
    ) throws(URLSyntaxError) -> String {
        var bytes = [UInt8]()
        bytes.reserveCapacity(text.utf8.count)
        var rest = text.utf8.makeIterator()
        while let byte = rest.next() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.next().flatMap(value), let low = rest.next().flatMap(value) else {
                    throw .invalidEscape
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else { throw .invalidText }
        return decoded
    }

    /// As ``decode(_:plusIsSpace:)``, for what is handed to a C library: there a string ends at U+0000, so one in it is
    /// ``URLSyntaxError/invalidText``.
    package static func decodeForC(_ text: some StringProtocol) throws(URLSyntaxError) -> String {
        let decoded = try decode(text)
        guard !decoded.utf8.contains(0) else { throw .invalidText }
        return decoded
    }

    /// Encodes everything but unreserved characters (RFC 3986, section 2.3).
    package static func encode(_ text: some StringProtocol) -> String {
        var result = [UInt8]()
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.append(byte)
            default: result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func value(_ digit: UInt8) -> UInt8? {
        Character(UnicodeScalar(digit)).hexDigitValue.map { UInt8($0) }
    }
}
