import Delta
import Testing

@testable import HistoryChecker

@Suite("A recording that contradicts itself")
struct RecordingFaultTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let reason: HistoryFault.Reason
        let last: HistoryEvent.Kind

        init(_ name: String, _ reason: HistoryFault.Reason, _ last: HistoryEvent.Kind) {
            testDescription = name
            self.reason = reason
            self.last = last
        }
    }

    @Test(
        "is refused with the line",
        arguments: [
            Case(
                "a session twice", .taken(what: "session", name: "s1"),
                .opened(.init(session: "s1", document: "d", user: "x"))),
            Case("a document twice", .taken(what: "document", name: "d"), .document(.init("d", content: Delta()))),
            Case(
                "no such document", .unknown(what: "document", name: "e"),
                .opened(.init(session: "s9", document: "e", user: "x"))),
            Case("no such session", .unknown(what: "open session", name: "s9"), .degraded(session: "s9")),
            Case(
                "a first message that comes second", .unknown(what: "session without a first message", name: "s1"),
                .initial(.init(session: "s1", client: "c1", version: 0, content: Delta()))),
            Case(
                "a session before its first message", .noFirstMessage(session: "s3"),
                .submitted(.init(session: "s3", operationID: "o", version: 0, operation: Delta()))),
            Case("a fault that has not begun", .unknown(what: "fault", name: "f"), .faultEnded(fault: "f")),
            Case(
                "an answer without a request", .unknown(what: "open request", name: "r"),
                .accessAnswered(request: "r", status: 200)),
            Case(
                "a row at version 0", .invalid(field: "version", expected: "above 0"),
                .row(
                    .init(document: "d", version: 0, epoch: 1, client: "c", operationID: "o", operation: Delta()))),
        ])
    func refused(_ example: Case) throws {
        var script = Script()
        script.add(.opened(.init(session: "s3", document: "d", user: "cy")))
        script.add(example.last)
        let line = script.events.count + 1
        #expect(throws: HistoryFault(line: line, example.reason)) { try HistoryChecker.report(script.events) }
    }

    @Test("in its time is refused")
    func backwards() {
        let events = [
            HistoryEvent(at: 5, .document(.init("d", content: inserting("\n")))),
            HistoryEvent(at: 4, .document(.init("e", content: inserting("\n")))),
        ]
        #expect(throws: HistoryFault(line: 3, .timeRunsBackwards(at: 4, after: 5))) {
            try HistoryChecker.report(events)
        }
    }

    @Test("in what a document begins with is refused")
    func noDocument() {
        var events = [HistoryEvent(at: 0, .document(.init("d", content: deleting(1))))]
        #expect(throws: HistoryFault.self) { try HistoryChecker.report(events) }
        events = [HistoryEvent(at: 0, .document(.init("d", content: inserting("\n"))))]
        #expect(throws: Never.self) { try HistoryChecker.report(events) }
    }

    @Test("in a version far beyond all others is judged, without memory for those between")
    func farAway() throws {
        var script = Script()
        script.submit("o1", by: 1, on: 0, inserting("hi"))
        script.ack("o1", to: 1, 1 << 40, Digest(rawValue: 1))
        script.firstRow()
        #expect(try HistoryChecker.report(script.events).broken == [.sessionGap, .acknowledgedElsewhere])
    }
}
