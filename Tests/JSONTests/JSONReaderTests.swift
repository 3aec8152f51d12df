import JSON
import Testing

@Suite struct JSONReaderTests {
    static func read(_ text: String) throws -> JSONValue { try JSONValue(utf8: Array(text.utf8)) }

    @Test func everyKindOfValueIsRead() throws {
        let value = try Self.read(#" { "a" : [ 1 , -2.5e1, true, false, null, "x\n\"\\\/\b\f\r\t" ], "b":{} } "#)
        #expect(value == ["a": [1, -25, true, false, nil, "x\n\"\\/\u{8}\u{C}\r\t"], "b": [:]])
    }

    @Test(arguments: [
        (#""\u0041\u00e9\u6f22""#, "Aé漢"), (#""\ud83d\ude00""#, "😀"),
        (#""é漢😀 plain and some more""#, "é漢😀 plain and some more"),
        (#""01234567\u0000""#, "01234567\0"), (#""""#, ""),
    ])
    func stringsAreDecoded(_ json: String, _ expected: String) throws {
        #expect(try Self.read(json) == .string(expected))
        try JSONReader.read(Array(json.utf8)) { (reader) throws(JSONError) in
            var units: [UInt16] = [7]
            #expect(try reader.readUTF16(into: &units) == expected.utf16.count)
            #expect(units == [7] + Array(expected.utf16))
        }
    }

    @Test(arguments: [
        ("", JSONError(.unexpectedEnd, at: 0)), ("[1,]", JSONError(.unexpectedByte(93), at: 3)),
        (#"{"a":1,}"#, JSONError(.unexpectedByte(125), at: 7)), ("[1 2]", JSONError(.unexpectedByte(50), at: 3)),
        ("[,1]", JSONError(.unexpectedByte(44), at: 1)), (#"{"a" 1}"#, JSONError(.unexpectedByte(49), at: 5)),
        ("{1:2}", JSONError(.unexpectedByte(49), at: 1)), ("[1}", JSONError(.unexpectedByte(125), at: 2)),
        ("1 2", JSONError(.trailingBytes, at: 2)), ("tru", JSONError(.unexpectedEnd, at: 3)),
        ("trux", JSONError(.unexpectedByte(120), at: 3)), ("01", JSONError(.invalidNumber, at: 0)),
        ("-", JSONError(.invalidNumber, at: 0)), ("1.", JSONError(.invalidNumber, at: 0)),
        ("[1e]", JSONError(.invalidNumber, at: 1)), ("1e400", JSONError(.numberOutOfRange, at: 0)),
        ("+1", JSONError(.unexpectedByte(43), at: 0)), (#""abc"#, JSONError(.unexpectedEnd, at: 4)),
        ("\"a\u{1}\"", JSONError(.controlCharacter, at: 2)), (#""\x""#, JSONError(.invalidEscape, at: 1)),
        (#""\u12g4""#, JSONError(.invalidEscape, at: 5)), (#""\u12"#, JSONError(.unexpectedEnd, at: 5)),
        (#""a\ud83d""#, JSONError(.loneSurrogate, at: 2)), (#""\ude00""#, JSONError(.loneSurrogate, at: 1)),
        (#""\ud83d\u0041""#, JSONError(.loneSurrogate, at: 1)), (#""\ud83dxxxxxx""#, JSONError(.loneSurrogate, at: 1)),
    ])
    func malformedTextIsRefusedWithItsPlace(_ text: String, _ error: JSONError) {
        #expect(throws: error) { _ = try Self.read(text) }
        #expect(throws: error) {
            if case .numberOutOfRange = error.reason { throw error }
            try JSONReader.read(Array(text.utf8)) { (reader) throws(JSONError) in _ = try reader.skipValue() }
        }
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xC3], [0xE0, 0x9F, 0x80], [0xE2, 0x82], [0xED, 0xA0, 0x80],
            [0xF0, 0x8F, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xE2, 0x28, 0xA1],
        ] as [[UInt8]])
    func bytesThatAreNotUTF8AreRefused(_ bytes: [UInt8]) {
        #expect(throws: JSONError(.invalidUTF8, at: 1)) { _ = try JSONValue(utf8: [34] + bytes + [34]) }
    }

    @Test func nestingIsBounded() throws {
        let deep = String(repeating: "[", count: 1_000_000)
        #expect(throws: JSONError(.tooDeep, at: 64)) { _ = try Self.read(deep) }
        #expect(throws: JSONError(.tooDeep, at: 64)) {
            try JSONReader.read(Array(deep.utf8)) { (reader) throws(JSONError) in _ = try reader.skipValue() }
        }
        let allowed = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        _ = try Self.read(allowed)
    }

    @Test func theLastOfSeveralMembersWithOneKeyCounts() throws {
        #expect(try Self.read(#"{"b":0,"a":1,"b":2,"a":3}"#) == ["a": 3, "b": 2])
    }

    @Test func keysAndStringsAreMatchedWithoutDecoding() throws {
        let text = #"{"type":"operation","\u0076ersion":7,"skipped":[{"x":"]}"}],"raw":{"a":[1, 2]}}"#
        var seen: [String] = []
        try JSONReader.read(Array(text.utf8)) { (reader) throws(JSONError) in
            try reader.beginObject()
            while let key = try reader.nextKey() {
                switch key {
                case "type": seen.append(try reader.readString(is: "operation") ? "operation" : "other")
                case "version": seen.append("version \(try reader.readInt())")
                case "raw":
                    let range = try reader.skipValue()
                    seen.append(String(decoding: reader.bytes(in: range), as: UTF8.self))
                default:
                    seen.append(key.string)
                    try reader.skipValue()
                }
            }
        }
        #expect(seen == ["operation", "version 7", "skipped", #"{"a":[1, 2]}"#])
    }

    @Test func whatIsNotThereIsAMismatch() throws {
        func read(_ text: String, _ body: (inout JSONReader) throws(JSONError) -> Void) throws {
            try JSONReader.read(Array(text.utf8), body)
        }
        #expect(throws: JSONError(.mismatch(expected: .object, found: .array), at: 1)) {
            try read(" []") { (reader) throws(JSONError) in try reader.beginObject() }
        }
        #expect(throws: JSONError(.mismatch(expected: .number, found: .string), at: 0)) {
            try read(#""1""#) { (reader) throws(JSONError) in _ = try reader.readInt() }
        }
        #expect(throws: JSONError(.notAnInteger, at: 0)) {
            try read("1.5") { (reader) throws(JSONError) in _ = try reader.readInt() }
        }
        #expect(throws: JSONError(.notAnInteger, at: 0)) {
            try read("9007199254740993") { (reader) throws(JSONError) in _ = try reader.readInt() }
        }
        try read("[10e1, -0, 9007199254740991]") { (reader) throws(JSONError) in
            try reader.beginArray()
            var numbers: [Int] = []
            while try reader.nextElement() { numbers.append(try reader.readInt()) }
            #expect(numbers == [100, 0, 9_007_199_254_740_991])
        }
    }

    @Test func aMillionMembersAreReadInReasonableTime() throws {
        let text = "{" + (0..<200_000).map { "\"k\(($0 * 7_919) % 200_000)\":1" }.joined(separator: ",") + "}"
        #expect(try Self.read(text).object?.count == 200_000)
    }
}
