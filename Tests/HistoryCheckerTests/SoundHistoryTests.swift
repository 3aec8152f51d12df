import Delta
import Foundation
import JSON
import Testing

@testable import HistoryChecker

@Suite("A sound history")
struct SoundHistoryTests {
    @Test("of a small server and its clients breaks no promise, whatever happens", arguments: 0..<150)
    func generated(seed: Int) throws {
        let events = try ReferenceCluster.history(seed: UInt64(seed), steps: 40 + seed * 4, clients: 1 + seed % 5)
        let report = try HistoryChecker.report(events)
        #expect(report.isSound, "seed \(seed)\n\(report.text().joined(separator: "\n"))")
        #expect(report.counts.events == events.count)
    }

    @Test("with every kind of event is held in all that it shows, and says how much it examined")
    func everything() throws {
        let events = try ReferenceCluster.history(seed: 7, steps: 6_000)
        var encoder = HistoryEncoder()
        for event in events { encoder.append(event) }
        let text = String(decoding: encoder.take(), as: UTF8.self)
        for name in HistoryEventName.allCases where name != .operations {
            #expect(text.contains("\"event\":\"\(name.rawValue)\""), "\(name.rawValue)")
        }
        let report = try HistoryChecker.report(events)
        for verdict in report.verdicts {
            let expected: Verdict.Outcome = verdict.guarantee == .g10 ? .notObserved : .held
            #expect(verdict.outcome == expected, "\(verdict.guarantee)")
            #expect(verdict.examined.isEmpty == (expected == .notObserved))
        }
        let rows = report.counts.rows
        #expect(rows > 200)
        #expect(report[.g7].examined.first { $0.what == "submissions transformed" }?.count ?? 0 > 200)
        #expect(report.latency.count > 200)
    }

    @Test("read back from its lines has the same report")
    func fromLines() throws {
        let events = try ReferenceCluster.history(seed: 3, steps: 800)
        var encoder = HistoryEncoder()
        for event in events { encoder.append(event) }
        let read = try HistoryFormatTests.decode(String(decoding: encoder.take(), as: UTF8.self))
        #expect(read == events)
        #expect(try HistoryChecker.report(read) == HistoryChecker.report(events))
    }

    @Test("with its log told as it grows has the verdicts of one with the log at the end")
    func earlyLog() throws {
        for seed in 0..<20 as Range<UInt64> {
            let events = try ReferenceCluster.history(seed: seed, steps: 300)
            let rows = events.filter { if case .row(let row) = $0.kind { row.reading == nil } else { false } }
            var early = events.filter { event in
                if case .row(let row) = event.kind { row.reading != nil } else { true }
            }
            early.insert(contentsOf: rows.map { HistoryEvent(at: early[0].at, $0.kind) }, at: 1)
            let report = try HistoryChecker.report(early)
            #expect(report.isSound, "seed \(seed)\n\(report.text().joined(separator: "\n"))")
            #expect(try report.verdicts.map(\.examined) == HistoryChecker.report(events).verdicts.map(\.examined))
        }
    }

    @Test("in which nothing happens shows nothing")
    func nothing() throws {
        let report = try HistoryChecker.report([])
        #expect(report.verdicts.allSatisfy { $0.outcome == .notObserved })
        #expect(report.isSound)
    }

    @Test("with a hole in its log says how many rows behind it were not judged")
    func behindHole() throws {
        var script = Script()
        script.submit("o1", by: 1, on: 0, inserting("a"))
        script.row(1, "o1", of: 1, inserting("a"))
        for version in 3...5 {
            script.submit("o\(version)", by: 1, on: version - 1, inserting("b"))
            script.row(version, "o\(version)", of: 1, inserting("b"))
        }
        script.head(5)
        let report = try HistoryChecker.report(script.events)
        #expect(report.broken.contains(.logGap))
        for guarantee in [Guarantee.g6, .g7] {
            #expect(report[guarantee].undecided.map(\.count) == [3], "\(guarantee)")
        }
    }

    @Test("without the log says nothing of durability, and still finds sessions that contradict each other")
    func withoutLog() throws {
        var script = Script()
        script.first()
        let report = try HistoryChecker.report(script.events)
        for guarantee in [Guarantee.g1, .g2, .g3, .g5, .g7, .g8, .g9] {
            #expect(report[guarantee].outcome == .notObserved, "\(guarantee)")
        }
        #expect(report[.g1].undecided.map(\.count) == [1])
        script.add(.opened(.init(session: "s3", document: "d", user: "cy")))
        script.add(.initial(.init(session: "s3", client: "c3", version: 0, content: inserting("\n"))))
        script.tell(3, 1, of: 1, inserting("ho"))
        #expect(try HistoryChecker.report(script.events).broken == [.branch])
    }

    @Test("in which an operation came again after its connection was lost is judged by what became the row")
    func resent() throws {
        var script = Script()
        script.submit("o2", by: 2, on: 0, inserting("yo"))
        script.add(.closed(.init(session: "s2")))
        script.submit("o1", by: 1, on: 0, inserting("hi"))
        script.ack("o1", to: 1, 1)
        script.add(.opened(.init(session: "s3", document: "d", user: "ben", client: "c2")))
        let told = HistoryEvent.SeenOperation(
            version: 1, client: "c1", operation: inserting("hi"), operationID: "o1")
        script.add(.caughtUp(.init(session: "s3", client: "c2", asked: 0, operations: [told], head: 1)))
        // Rebased by the client in its own way, as after a resync.
        script.submit("o2", by: 3, on: 1, inserting("yo", at: 1))
        script.ack("o2", to: 3, 2)
        script.row(1, "o1", of: 1, inserting("hi"))
        script.row(2, "o2", of: 2, inserting("yo", at: 1))
        script.head(2)
        let report = try HistoryChecker.report(script.events)
        #expect(report.isSound, "\(report.text())")
    }

    @Test("in which a change of access failed, or was undone meanwhile, is not held against anybody")
    func undecidedAccess() throws {
        var failed = Script()
        failed.change("ann", to: .view, status: 500)
        failed.first()
        failed.firstRow()
        #expect(try HistoryChecker.report(failed.events)[.g9].outcome == .notObserved)

        var contested = Script()
        contested.add(.accessRequested(.init(request: "a", document: "d", user: "ann", permission: .edit)))
        contested.add(.accessRequested(.init(request: "b", document: "d", user: "ann", permission: .none)))
        contested.add(.accessAnswered(request: "b", status: 200))
        contested.add(.accessAnswered(request: "a", status: 200))
        contested.first()
        contested.firstRow()
        #expect(try HistoryChecker.report(contested.events)[.g9].outcome == .notObserved)

        var restored = Script()
        restored.change("ann", to: .none)
        restored.change("ann", to: .edit)
        restored.first()
        restored.firstRow()
        #expect(try HistoryChecker.report(restored.events)[.g9].outcome == .held)
    }

    @Test("in which a message was on its way when access was taken is judged by the bound for delivery alone")
    func onItsWay() throws {
        var script = Script()
        script.submit("o1", by: 1, on: 0, inserting("hi"))
        script.change("ben", to: .none)
        script.tell(2, 1, of: 1, inserting("hi"))
        script.ack("o1", to: 1, 1)
        script.firstRow()
        var settings = HistoryChecker.Settings()
        #expect(try HistoryChecker.report(script.events, settings)[.g9].outcome == .held)
        settings.deliveryMicroseconds = 1_000
        #expect(try HistoryChecker.report(script.events, settings)[.g9].outcome == .held)
        settings.deliveryMicroseconds = 999
        #expect(try HistoryChecker.report(script.events, settings).broken == [.contentWithoutPermission])
    }

    @Test("stands on the page that describes the format")
    func onThePage() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: root.deletingLastPathComponent().appending(path: "Chaos/Checker/HISTORY.md"), encoding: .utf8)
        let lines = page.split(separator: "\n").drop { !$0.contains("by hand") }.prefix { $0.hasPrefix("{") }
        let report = try HistoryChecker.report(HistoryFormatTests.decode(lines.joined(separator: "\n")))
        #expect(report.counts.events == 9)
        #expect(report.isSound)
        #expect(report[.g1].outcome == .held)
    }

    @Test("has a report that reads as JSON and as text")
    func reports() throws {
        let events = try ReferenceCluster.history(seed: 5, steps: 600)
        let report = try HistoryChecker.report(events)
        let json = try JSONValue(utf8: report.jsonUTF8)
        #expect(json["report"]?.string == "collab.verdict.v1")
        #expect(json["sound"]?.bool == true)
        #expect(json["guarantees"]?.array?.count == 10)
        #expect(json["guarantees"]?.array?[0]["outcome"]?.string == "held")
        #expect(json["counts"]?["events"]?.int == events.count)
        #expect(json["gapSamples"]?.array?.count == report.gapSamples.count)
        #expect(report.text().contains { $0.hasPrefix("G1 Durable         held") })
        #expect(report.text().last == "sound: nothing that was examined breaks a promise")
    }
}
