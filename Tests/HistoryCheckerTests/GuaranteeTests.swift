import Delta
import Testing

@testable import HistoryChecker

/// For each rule a history that breaks just that one.
@Suite("A history that breaks one promise")
struct GuaranteeTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let rule: Violation.Rule
        let events: [HistoryEvent]
        var settings = HistoryChecker.Settings()
        var testDescription: String { "\(rule.guarantee) \(rule.rawValue)" }

        init(_ rule: Violation.Rule, start: String = "\n", _ write: (inout Script) -> Void) {
            self.rule = rule
            var script = Script(start: start)
            write(&script)
            events = script.events
        }
    }

    @Test("is found to break that one alone", arguments: durable + order + writer + content + rights)
    func breaksOne(_ example: Case) throws {
        let report = try HistoryChecker.report(example.events, example.settings)
        #expect(report.broken == [example.rule], "\(report.text().joined(separator: "\n"))")
        #expect(report.violated == [example.rule.guarantee])
        #expect(!report.isSound)
        for violation in report[example.rule.guarantee].violations {
            #expect(!violation.lines.isEmpty)
            #expect(violation.lines.allSatisfy { (2...example.events.count + 1).contains($0) })
        }
    }

    @Test("there is such a history for every rule that a recording can break without an error in the algebra")
    func isComplete() {
        let rules = Set((Self.durable + Self.order + Self.writer + Self.content + Self.rights).map(\.rule))
        // The first two need a mistake in the algebra beside: OriginSequenceTests. The last needs a bound: GapTests.
        let others: Set<Violation.Rule> = [.originLost, .deletedUnseen, .gapTooLong]
        #expect(rules.union(others) == Set(Violation.Rule.allCases))
    }

    // G1, G2, G3.
    static let durable: [Case] = [
        Case(.acknowledgedMissing) { script in
            script.submit("o1", by: 1, on: 0, inserting("hi"))
            script.ack("o1", to: 1, 1)
            script.head(0)
        },
        Case(.acknowledgedElsewhere) { script in
            script.submit("o1", by: 1, on: 0, inserting("hi"))
            script.submit("o2", by: 2, on: 0, inserting("yo"))
            script.ack("o1", to: 1, 1)
            script.row(1, "o2", of: 2, inserting("yo"))
            script.row(2, "o1", of: 1, inserting("hi", at: 2))
            script.head(2)
        },
        Case(.acknowledgedBeforeCommit) { script in
            script.submit("o1", by: 1, on: 0, inserting("hi"))
            script.ack("o1", to: 1, 1)
            script.row(1, "o1", of: 1, inserting("hi"), committedAt: script.at + 1)
            script.head(1)
        },
        Case(.seenMissing) { script in
            script.submit("o1", by: 1, on: 0, inserting("hi"))
            script.tell(2, 1, of: 1, inserting("hi"))
            script.head(0)
        },
        Case(.seenOtherwise) { script in
            script.submit("o1", by: 1, on: 0, inserting("hi"))
            script.tell(2, 1, of: 1, inserting("ho"))
            script.ack("o1", to: 1, 1)
            script.firstRow()
        },
        Case(.seenBeforeCommit) { script in
            script.submit("o1", by: 1, on: 0, inserting("hi"))
            script.tell(2, 1, of: 1, inserting("hi"))
            let seenAt = script.at
            script.ack("o1", to: 1, 1)
            script.row(1, "o1", of: 1, inserting("hi"), committedAt: seenAt + 1)
            script.head(1)
        },
        Case(.contentNotOfLog) { script in
            script.first()
            script.add(
                .resynced(
                    .init(
                        session: "s2", version: 1, content: inserting("hi!\n"),
                        digest: Digest(of: inserting("hi!\n")))))
            script.firstRow()
        },
        Case(.seenDisappeared) { script in
            script.first()
            script.submit("o2", by: 1, on: 1, inserting("!", at: 2))
            script.ack("o2", to: 1, 2)
            script.add(.closed(.init(session: "s1")))
            script.add(.opened(.init(session: "s3", document: "d", user: "ann", client: "c1")))
            script.add(.initial(.init(session: "s3", client: "c1", version: 1, content: inserting("hi\n"))))
            script.row(1, "o1", of: 1, inserting("hi"))
            script.row(2, "o2", of: 1, inserting("!", at: 2))
            script.head(2)
        },
        Case(.submittedByNobody) { script in
            script.row(1, "o1", of: 1, inserting("hi"))
            script.head(1)
        },
        Case(.appliedTwice) { script in
            script.first()
            script.submit("o1", by: 1, on: 0, inserting("hi"))
            script.row(1, "o1", of: 1, inserting("hi"))
            script.row(2, "o1", of: 1, inserting("hi", at: 2))
            script.head(2)
        },
        Case(.acknowledgedAtTwoVersions) { script in
            script.first()
            script.submit("o1", by: 1, on: 0, inserting("hi"))
            script.ack("o1", to: 1, 2)
            script.firstRow()
        },
        Case(.acknowledgedThenRefused) { script in
            script.first()
            script.add(.failed(.init(session: "s1", code: "forbidden", operationID: "o1")))
            script.firstRow()
        },
        Case(.ownNotBuiltOn) { script in
            script.submit("o1", by: 1, on: 0, inserting("hi"))
            script.add(
                .resynced(.init(session: "s1", version: 0, content: inserting("\n"), rejected: "o1")))
            script.submit("o2", by: 1, on: 0, inserting("hi"))
            script.ack("o2", to: 1, 1)
            script.row(1, "o2", of: 1, inserting("hi"))
            script.row(2, "o1", of: 1, inserting("hi", at: 2))
            script.head(2)
        },
    ]

    // G4.
    static let order: [Case] = [
        Case(.sessionGap) { script in
            script.first()
            script.submit("o2", by: 1, on: 1, inserting("a"))
            script.ack("o2", to: 1, 2)
            script.submit("o3", by: 1, on: 2, inserting("b"))
            script.ack("o3", to: 1, 3)
            script.tell(2, 3, of: 1, inserting("b"))
            script.threeRows()
        },
        Case(.sessionDisorder) { script in
            script.first()
            script.submit("o2", by: 1, on: 1, inserting("a"))
            script.ack("o2", to: 1, 2)
            script.submit("o3", by: 1, on: 2, inserting("b"))
            script.ack("o3", to: 1, 3)
            script.tell(2, 2, of: 1, inserting("a"))
            script.tell(2, 2, of: 1, inserting("a"))
            script.threeRows()
        },
        Case(.logGap) { script in
            script.first()
            script.submit("o2", by: 1, on: 1, inserting("a"))
            script.submit("o3", by: 2, on: 1, inserting("b"))
            script.row(1, "o1", of: 1, inserting("hi"))
            script.row(3, "o3", of: 2, inserting("b"))
            script.head(3)
        },
        Case(.branch) { script in
            script.first()
            script.submit("o2", by: 2, on: 0, inserting("yo"))
            script.row(1, "o1", of: 1, inserting("hi"))
            script.row(1, "o2", of: 2, inserting("yo"))
            script.head(1)
        },
        Case(.branch) { script in
            script.first()
            script.row(1, "o1", of: 1, inserting("hi"))
            script.submit("o2", by: 2, on: 1, inserting("yo"))
            script.row(2, "o2", of: 2, inserting("yo"))
            script.head(1)
        },
    ]

    // G5.
    static let writer: [Case] = [
        Case(.epochDecreases) { script in
            script.first()
            script.submit("o2", by: 2, on: 1, inserting("a"))
            script.row(1, "o1", of: 1, inserting("hi"), epoch: 2)
            script.row(2, "o2", of: 2, inserting("a"), epoch: 1)
            script.head(2, epoch: 2)
        },
        Case(.writtenAfterTakeover) { script in
            script.first()
            script.head(1, epoch: 2, reading: 1)
            script.submit("o2", by: 2, on: 1, inserting("a"))
            script.row(1, "o1", of: 1, inserting("hi"))
            script.row(2, "o2", of: 2, inserting("a"))
            script.head(2, epoch: 2)
        },
        Case(.rowChanged) { script in
            script.submit("o1", by: 1, on: 0, inserting("hi"))
            script.submit("o2", by: 2, on: 0, inserting("yo"))
            script.row(1, "o2", of: 2, inserting("yo"), reading: 1)
            script.row(1, "o1", of: 1, inserting("hi"))
            script.head(1)
        },
        Case(.rowChanged) { script in
            script.submit("o1", by: 1, on: 0, inserting("hi"))
            script.row(1, "o1", of: 1, inserting("hi"), reading: 1)
            script.head(0)
        },
        Case(.rowChanged) { script in
            script.submit("o1", by: 1, on: 0, inserting("hi"))
            script.head(1, epoch: 1, reading: 1)
            script.row(1, "o1", of: 1, inserting("hi"), epoch: 2)
            script.head(1, epoch: 2)
        },
        Case(.headRegressed) { script in
            script.first()
            script.head(2, reading: 1)
            script.firstRow()
        },
    ]
}

extension Script {
    fileprivate mutating func threeRows() {
        row(1, "o1", of: 1, inserting("hi"))
        row(2, "o2", of: 1, inserting("a"))
        row(3, "o3", of: 1, inserting("b"))
        head(3)
    }

    mutating func change(_ user: String, to permission: HistoryEvent.Permission, status: Int = 200) {
        let request = "r\(at)"
        add(.accessRequested(.init(request: request, document: "d", user: user, permission: permission)))
        add(.accessAnswered(request: request, status: status))
    }
}
