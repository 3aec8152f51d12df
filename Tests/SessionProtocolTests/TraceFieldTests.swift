import CollabModel
import SessionProtocol
import Testing

@Suite("The trace of an operation")
struct TraceFieldTests {
    private func trace(_ field: String) throws -> TraceContext? {
        let text = #"{"type":"operation","operationId":"a","version":1,"operation":[{"insert":"x"}]\#(field)}"#
        guard case .operation(_, _, _, _, let trace) = try ClientFrame(decoding: Array(text.utf8)) else { return nil }
        return trace
    }

    @Test("a traceparent is read; none is none")
    func read() throws {
        let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        #expect(try trace(#","traceparent":"\#(text)""#)?.traceparent == text)
        #expect(try trace("") == nil)
    }

    @Test(
        "one that is none never costs the operation",
        arguments: ["7", "null", "\"\"", "\"x\"", "{}", "\"00-0-0-01\"", "[\"00\"]"])
    func malformed(value: String) throws { #expect(try trace(#","traceparent":\#(value)"#) == nil) }

    @Test("one that comes twice is an error, as of every field")
    func twice() {
        #expect(throws: FrameError.self) { try trace(#","traceparent":"x","traceparent":"y""#) }
    }
}
