import CollabModel
import Testing

@Suite("The values of a traceparent")
struct TraceContextTests {
    private static let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    @Test("a traceparent is read and written as it was")
    func roundTrip() throws {
        let context = try #require(TraceContext(traceparent: Self.text))
        #expect(context.isSampled)
        #expect(context.traceparent == Self.text)
        #expect(context.traceIDText == "0af7651916cd43dd8448eb211c80319c")
        #expect(context.spanIDText == "b7ad6b7169203331")
        var unsampled = context
        unsampled.isSampled = false
        #expect(unsampled.traceparent == String(Self.text.dropLast(2)) + "00")
    }

    @Test("leading zeros stay")
    func zeros() throws {
        let text = "00-00000000000000000000000000000001-0000000000000001-00"
        #expect(TraceContext(traceparent: text)?.traceparent == text)
    }

    @Test("a later version is read as far as it is known")
    func laterVersion() {
        #expect(TraceContext(traceparent: "01" + Self.text.dropFirst(2) + "-more") != nil)
        #expect(TraceContext(traceparent: "01" + Self.text.dropFirst(2) + "more") == nil)
    }

    @Test(
        "what is no traceparent is none",
        arguments: [
            "", "00", String(text.dropLast()), text + "-00", "ff" + text.dropFirst(2), text.uppercased(),
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01", text.replacing("-", with: "_"),
            text.replacing("0af7", with: "0ag7"),
        ])
    func malformed(text: String) { #expect(TraceContext(traceparent: text) == nil, "\(text)") }
}
