import Delta
import JSON
import Testing

@testable import HistoryChecker

@Suite("The lines of a history")
struct HistoryFormatTests {
    static func decode(_ text: String) throws(HistoryFault) -> [HistoryEvent] {
        var decoder = HistoryDecoder()
        var events: [HistoryEvent] = []
        try decoder.feed(Array(text.utf8)) { (event) throws(HistoryFault) in events.append(event) }
        try decoder.finish { (event) throws(HistoryFault) in events.append(event) }
        return events
    }

    @Test("every kind of event is read as it was written, in pieces of any size")
    func roundTrip() throws {
        let events = EveryEvent.list
        var encoder = HistoryEncoder()
        for event in events { encoder.append(event) }
        let bytes = encoder.take()
        #expect(encoder.count == 0)
        for size in [1, 7, 64, bytes.count] {
            var decoder = HistoryDecoder()
            var read: [HistoryEvent] = []
            for start in stride(from: 0, to: bytes.count, by: size) {
                try decoder.feed(Array(bytes[start..<min(start + size, bytes.count)])) { (event) throws(HistoryFault) in
                    read.append(event)
                }
            }
            try decoder.finish { (event) throws(HistoryFault) in read.append(event) }
            #expect(read == events)
            #expect(decoder.line == events.count + 1)
        }
    }

    @Test("the list of the test above has every event by its name")
    func isComplete() {
        var encoder = HistoryEncoder()
        for event in EveryEvent.list { encoder.append(event) }
        let text = String(decoding: encoder.take(), as: UTF8.self)
        for name in HistoryEventName.allCases {
            #expect(text.contains("\"event\":\"\(name.rawValue)\""), "\(name.rawValue)")
        }
    }

    @Test("a last line needs no end, and a note is ignored")
    func lastLine() throws {
        let text = #"""
            {"history":"collab.history.v1","by":"hand"}
            {"event":"recovery","fault":"f","at":5,"note":{"why":["not"]}}
            """#
        #expect(try Self.decode(text) == [HistoryEvent(at: 5, .faultEnded(fault: "f"))])
    }

    @Test(
        "what is not as described is refused with its line and its reason",
        arguments: [
            (#"{"at":1,"event":"restored","session":"s""#, "unexpected end"),
            (#"[1]"#, "expected object"),
            (#"{"at":1,"event":"restored","session":"s"} x"#, "bytes after the value"),
            (#"{"event":"restored","session":"s"}"#, "\"at\" is missing"),
            (#"{"at":1,"session":"s"}"#, "\"event\" is missing"),
            (#"{"at":1,"event":"restored"}"#, "\"session\" is missing"),
            (#"{"at":1,"event":"restord","session":"s"}"#, "no event \"restord\""),
            (#"{"at":1,"event":"restored","session":"s","sesion":"s"}"#, "no field \"sesion\""),
            (#"{"at":1,"event":"restored","session":"s","version":1}"#, "no field \"version\""),
            (#"{"at":1,"at":1,"event":"restored","session":"s"}"#, "\"at\" is there twice"),
            (#"{"at":1.5,"event":"restored","session":"s"}"#, "not an integer"),
            (#"{"at":1,"event":"restored","session":""}"#, "\"session\" is not a text that is not empty"),
            (#"{"at":1,"event":"restored","session":7}"#, "expected string"),
            (#"{"at":1,"event":"permission","session":"s","permission":"own"}"#, "\"permission\" is not none"),
            (#"{"at":1,"event":"ack","session":"s","operationId":"o","version":-1}"#, "\"version\" is not from 0"),
            (
                #"{"at":1,"event":"ack","session":"s","operationId":"o","version":1,"digest":"12"}"#,
                "\"digest\" is not 16"
            ),
            (
                #"{"at":1,"event":"submit","session":"s","operationId":"o","version":1,"operation":[{"delete":0}]}"#,
                "\"operation\" is not a delta"
            ),
            (#"{"at":1,"event":"operations","session":"s","operations":[{"version":1}]}"#, "\"operations.client\""),
            (#"{"at":1,"event":"close","session":"s","code":"x"}"#, "\"code\" is not a number"),
            (#"{"at":1,"event":"error","code":12}"#, "\"code\" is not a text"),
            (
                #"{"at":1,"event":"head","document":"d","epoch":1,"head":1,"reading":0}"#, "\"reading\" is not above 0"
            ),
            ("", "unexpected end"),
        ])
    func malformed(line: String, reason: String) throws {
        let text = """
            {"history":"collab.history.v1"}
            {"at":0,"event":"restored","session":"s"}
            \(line)

            """
        let fault = try #require(throws: HistoryFault.self) { try Self.decode(text) }
        #expect(fault.line == 3)
        #expect(fault.description.hasPrefix("line 3: "))
        #expect(fault.description.contains(reason), "\(fault)")
    }

    @Test(
        "a file that does not say what it is is refused",
        arguments: ["", "{}\n", "{\"history\":\"collab.history.v2\"}\n", "history\n", "\n"])
    func header(text: String) {
        #expect(throws: HistoryFault(line: 1, .noHeader)) { try Self.decode(text) }
    }

    @Test("a line beyond the bound is refused, finished or not")
    func tooLong() {
        for end in ["", "\n"] {
            var decoder = HistoryDecoder(maximumLineLength: 40)
            let text = "{\"history\":\"collab.history.v1\"}\n" + String(repeating: " ", count: 41) + end
            #expect(throws: HistoryFault(line: 2, .tooLong(limit: 40))) {
                try decoder.feed(Array(text.utf8)) { _ in }
            }
        }
    }
}
