import Testing
import URLSyntax

@Suite struct PercentEncodingTests {
    @Test(arguments: [
        ("", ""), ("a%20b", "a b"), ("%c3%A9", "é"), ("1%2B1", "1+1"), ("a+b", "a+b"), ("%25", "%"), ("%00", "\0"),
    ])
    func `what was encoded is decoded`(text: String, decoded: String) throws {
        #expect(try PercentEncoding.decode(text) == decoded)
    }

    @Test func `in a form's query a plus is a space, and an encoded one is not`() throws {
        #expect(try PercentEncoding.decode("a+b%2B", plusIsSpace: true) == "a b+")
    }

    @Test(arguments: ["%", "a%2", "%zz", "%+1", "%%20"])
    func `a percent sign without two digits is no escape`(text: String) {
        #expect(throws: URLSyntaxError.invalidEscape) { try PercentEncoding.decode(text) }
    }

    @Test(arguments: ["%ff", "%c3", "%c3%20", "%ed%a0%80"])
    func `bytes that are not UTF-8 are no text`(text: String) {
        #expect(throws: URLSyntaxError.invalidText) { try PercentEncoding.decode(text) }
    }

    @Test func `what a C library gets has no end in the middle`() throws {
        #expect(throws: URLSyntaxError.invalidText) { try PercentEncoding.decodeForC("a%00b") }
        #expect(try PercentEncoding.decodeForC("a%01b") == "a\u{1}b")
    }

    @Test func `all but unreserved characters are encoded, and come back`() throws {
        #expect(PercentEncoding.encode("aZ0-._~") == "aZ0-._~")
        #expect(PercentEncoding.encode("a b+é/%") == "a%20b%2B%C3%A9%2F%25")
        let all = String(String.UnicodeScalarView((0..<0x250).compactMap { Unicode.Scalar($0) })) + "😀"
        #expect(try PercentEncoding.decode(PercentEncoding.encode(all)) == all)
        #expect(try PercentEncoding.decode(PercentEncoding.encode(all), plusIsSpace: true) == all)
    }
}
