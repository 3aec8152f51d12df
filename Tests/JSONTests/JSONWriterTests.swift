import JSON
import Testing

@Suite struct JSONWriterTests {
    @Test func commasAreWrittenWhereTheyBelong() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("a")
        writer.beginArray()
        writer.int(1)
        writer.beginObject()
        writer.endObject()
        writer.null()
        writer.endArray()
        writer.key(string: "b\"")
        writer.bool(false)
        writer.key("c")
        writer.raw([49, 50])
        writer.endObject()
        #expect(String(decoding: writer.bytes, as: UTF8.self) == #"{"a":[1,{},null],"b\"":false,"c":12}"#)
    }

    /// RFC 8785, appendix B, and the borders of ECMAScript's notations.
    @Test(
        arguments: [
            (0x0000_0000_0000_0000, "0"), (0x8000_0000_0000_0000, "0"), (0x0000_0000_0000_0001, "5e-324"),
            (0x8000_0000_0000_0001, "-5e-324"), (0x7FEF_FFFF_FFFF_FFFF, "1.7976931348623157e+308"),
            (0x4340_0000_0000_0000, "9007199254740992"), (0xC340_0000_0000_0000, "-9007199254740992"),
            (0x4430_0000_0000_0000, "295147905179352830000"), (0x44B5_2D02_C7E1_4AF5, "9.999999999999997e+22"),
            (0x44B5_2D02_C7E1_4AF6, "1e+23"), (0x44B5_2D02_C7E1_4AF7, "1.0000000000000001e+23"),
            (0x444B_1AE4_D6E2_EF4E, "999999999999999700000"), (0x444B_1AE4_D6E2_EF4F, "999999999999999900000"),
            (0x444B_1AE4_D6E2_EF50, "1e+21"), (0x3EB0_C6F7_A0B5_ED8C, "9.999999999999997e-7"),
            (0x3EB0_C6F7_A0B5_ED8D, "0.000001"), (0x41B3_DE43_5555_5553, "333333333.3333332"),
            (0x41B3_DE43_5555_5557, "333333333.33333343"), (0xBECB_F647_612F_3696, "-0.0000033333333333333333"),
            (0x4314_3FF3_C1CB_0959, "1424953923781206.2"),
        ] as [(UInt64, String)])
    func numbersHaveTheFormOfECMAScript(_ bits: UInt64, _ expected: String) {
        #expect(JSONValue.number(Double(bitPattern: bits)).description == expected)
    }

    @Test func simpleNumbersAreSimple() {
        let numbers: [(Double, String)] = [
            (1, "1"), (-1.5, "-1.5"), (0.1, "0.1"), (100, "100"), (1e15, "1000000000000000"),
            (123456.789, "123456.789"),
            (1e-6, "0.000001"), (1.5e-7, "1.5e-7"), (0.00001, "0.00001"), (-1e-7, "-1e-7"), (.infinity, "null"),
        ]
        for (number, expected) in numbers { #expect(JSONValue.number(number).description == expected) }
        var writer = JSONWriter()
        writer.beginArray()
        writer.int(Int.min)
        writer.int(UInt64.max)
        writer.int(-10 as Int8)
        writer.endArray()
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "[-9223372036854775808,18446744073709551615,-10]")
    }

    /// RFC 8785, section 3.2.3: keys by UTF-16 units.
    @Test func keysAreSortedByTheirUTF16Units() throws {
        let text =
            #"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}"#
        let value = try JSONValue(utf8: Array(text.utf8))
        #expect(
            value.object?.map(\.value.string) == [
                "Carriage Return", "One", "Control", "Latin Small Letter O With Diaeresis", "Euro Sign",
                "Emoji: Grinning Face", "Hebrew Letter Dalet With Dagesh",
            ])
    }

    @Test func stringsAreEscapedAsRFC8785Says() {
        let value: JSONValue = "\u{20ac}$\u{F}\nA'\u{42}\u{22}\u{5c}\\\"/\u{7F}\u{2028}😀"
        #expect(value.description == "\"\u{20ac}$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\u{7F}\u{2028}😀\"")
        var writer = JSONWriter()
        let units: [UInt16] = Array("a\u{1}é漢😀\"".utf16) + [0xD83D, 0x41, 0xDE00]
        units.withUnsafeBufferPointer { writer.utf16($0) }
        #expect(String(decoding: writer.bytes, as: UTF8.self) == "\"a\\u0001é漢😀\\\"\\ud83dA\\ude00\"")
    }

    @Test func stringsThatOnlyLookAlikeAreDifferent() {
        let composed: JSONValue = ["\u{E9}": 1]
        let decomposed: JSONValue = ["e\u{301}": 1]
        #expect(composed != decomposed)
        #expect(JSONValue.string("\u{E9}") != JSONValue.string("e\u{301}"))
        #expect(JSONValue(["\u{E9}": 1, "e\u{301}": 2] as JSONObject).object?.count == 2)
    }
}

extension JSONValue {
    init(_ object: JSONObject) { self = .object(object) }
}
