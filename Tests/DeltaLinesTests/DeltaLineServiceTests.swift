import Delta
import DeltaLines
import Foundation
import JSON
import Testing

@Suite struct DeltaLineServiceTests {
    // Half a millisecond passes between any two looks.
    final class Clock: Sendable {
        static func make() -> @Sendable () -> Duration {
            let looks = Counter()
            return { .microseconds(500 * looks.next()) }
        }
    }

    func answer(_ line: String) throws -> JSONValue {
        try JSONValue(utf8: DeltaLineService(clock: Clock.make()).answer(Array(line.utf8)))
    }

    @Test(arguments: [
        (#"{"op":"compose","a":[{"insert":"a"}],"b":[{"retain":1},{"insert":"b"}]}"#, #"[{"insert":"ab"}]"#),
        (#"{"op":"compose","a":{"ops":[{"insert":"a"}]},"b":{"ops":[{"delete":1}]}}"#, "[]"),
        (
            #"{"op":"transform","a":[{"insert":"a"}],"b":[{"insert":"b"}],"priority":true}"#,
            #"[{"retain":1},{"insert":"b"}]"#
        ),
        (#"{"op":"transform","a":[{"insert":"a"}],"b":[{"insert":"b"}]}"#, #"[{"insert":"b"}]"#),
        (#"{"op":"invert","a":[{"delete":1}],"doc":[{"insert":"xy"}]}"#, #"[{"insert":"x"}]"#),
        (#"{"op":"diff","a":[{"insert":"A"}],"b":[{"insert":"AB"}]}"#, #"[{"retain":1},{"insert":"B"}]"#),
        (
            #"{"op":"apply","doc":[{"insert":"a\n"}],"a":[{"retain":1,"attributes":{"bold":true}}]}"#,
            #"[{"insert":"a","attributes":{"bold":true}},{"insert":"\n"}]"#
        ),
        (#"{"a":[{"insert":"abc"}],"index":5,"op":"transformPosition","priority":true}"#, "8"),
        (#"{"op":"transformPosition","a":[{"retain":5},{"insert":"abc"}],"index":5,"priority":true}"#, "5"),
        (#"{"op":"transformPosition","a":[{"retain":5},{"insert":"abc"}],"index":5}"#, "8"),
    ])
    func everyCallHasItsResult(_ line: String, _ result: String) throws {
        #expect(try answer(line) == ["result": JSONValue(utf8: Array(result.utf8))])
    }

    @Test(arguments: [
        ("", "protocol_error"), ("{", "protocol_error"), ("[]", "protocol_error"), ("{}", "protocol_error"),
        (#"{"op":1}"#, "protocol_error"), (#"{"op":"fold"}"#, "protocol_error"),
        (#"{"op":"compose"} x"#, "protocol_error"),
        (#"{"op":"transform","a":[],"b":[],"priority":1}"#, "protocol_error"),
        (#"{"op":"transformPosition","a":[]}"#, "protocol_error"),
        (#"{"op":"transformPosition","a":[],"index":-1}"#, "protocol_error"),
        (#"{"op":"transformPosition","a":[],"index":1.5}"#, "protocol_error"),
        (#"{"op":"replay"}"#, "protocol_error"), (#"{"op":"replay","file":"/nowhere/at-all.json.gz"}"#, "not_found"),
        (#"{"op":"compose","a":[]}"#, "invalid_operation"),
        (#"{"op":"compose","a":[{"retain":0}],"b":[]}"#, "invalid_operation"),
        (#"{"op":"compose","a":[{"insert":"\ud83d"}],"b":[]}"#, "protocol_error"),
        (#"{"op":"diff","a":[{"retain":1}],"b":[]}"#, "invalid_operation"),
        (#"{"op":"apply","doc":[{"insert":"a"}],"a":[{"delete":2}]}"#, "invalid_operation"),
        (#"{"op":"apply","doc":[{"insert":"😀"}],"a":[{"retain":1},{"insert":"x"}]}"#, "invalid_operation"),
        (#"{"op":"apply","doc":[{"insert":"a"}],"a":[{"delete":1},{"insert":"x"}]}"#, "invalid_operation"),
        (#"{"op":"apply","doc":[{"retain":1}],"a":[]}"#, "invalid_operation"),
        (
            #"{"op":"compose","a":[{"insert":{"x":[]}}],"b":[{"retain":{"x":[]}}]}"#, "invalid_operation"
        ),
    ])
    func badInputIsAnsweredWithACode(_ line: String, _ code: String) throws {
        let error = try #require(try answer(line)["error"])
        #expect(error["code"]?.string == code, "\(error)")
        #expect(error["message"]?.string?.isEmpty == false)
    }

    @Test func deepAndHugeInputIsAnsweredToo() throws {
        let deep = String(repeating: "[", count: 100_000)
        #expect(try answer(#"{"op":"compose","a":\#(deep)"#)["error"]?["code"] == "protocol_error")
        let attributes = (0..<100_000).map { "\"a\($0)\":1" }.joined(separator: ",")
        let line = #"{"op":"apply","doc":[{"insert":"a"}],"a":[{"retain":1,"attributes":{\#(attributes)}}]}"#
        #expect(try answer(line)["result"]?.array?[0]["attributes"]?.object?.count == 100_000)
    }

    @Test func aTraceIsReplayed() throws {
        let path = try #require(Bundle.module.path(forResource: "Fixtures/sveltecomponent.json", ofType: "gz"))
        let result = try #require(try answer(#"{"op":"replay","file":"\#(path)"}"#)["result"])
        #expect(result["edits"]?.int == 19_749)
        #expect(result["length"]?.int == 18_451)
        #expect(result["matches"]?.bool == true)
        #expect(result["milliseconds"]?.number == 0.5)
        #expect(result["microsecondsPerEdit"]?.number == 0.025)
        #expect(result["digest"]?.string.flatMap { Digest($0) } != nil)
    }

    @Test func aConcurrentTraceIsLeftToTheLoadGenerator() throws {
        let path = try #require(Bundle.module.path(forResource: "Fixtures/clownschool.json", ofType: "gz"))
        #expect(try answer(#"{"op":"replay","file":"\#(path)"}"#)["error"]?["code"] == "protocol_error")
    }

    @Test func linesAreCutWhereverTheBytesAre() {
        let text = Array("one\ntwo\r\n\nthree is far too long\nlast".utf8)
        for step in 1...text.count {
            var splitter = LineSplitter(maximumLength: 8)
            var lines: [LineSplitter.Line] = []
            for start in stride(from: 0, to: text.count, by: step) {
                splitter.feed(text[start..<min(start + step, text.count)]) { lines.append($0) }
            }
            splitter.finish { lines.append($0) }
            #expect(
                lines == [
                    .line(Array("one".utf8)), .line(Array("two".utf8)), .line([]), .tooLong, .line(Array("last".utf8)),
                ], "in steps of \(step)")
        }
    }
}
