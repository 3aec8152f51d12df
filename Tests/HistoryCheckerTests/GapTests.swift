import Delta
import Testing

@testable import HistoryChecker

@Suite("Gaps")
struct GapTests {
    /// `s1` is on node-1, `s2` on node-2; both write at will.
    struct Typing {
        var script = Script()
        private var count = 0

        mutating func at(_ milliseconds: Int64, _ kind: HistoryEvent.Kind) {
            script.at = milliseconds * 1_000 - 1_000
            script.add(kind)
        }

        mutating func submit(_ milliseconds: Int64, by number: Int, _ id: String) {
            at(milliseconds, .submitted(.init(session: "s\(number)", operationID: id, version: 0, operation: Delta())))
        }

        mutating func ack(_ milliseconds: Int64, to number: Int, _ id: String) {
            count += 1
            at(milliseconds, .acknowledged(.init(session: "s\(number)", operationID: id, version: count)))
        }

        mutating func kill(_ milliseconds: Int64, _ target: String, as name: String = "f", kind: String = "kill") {
            at(milliseconds, .faultBegan(.init(name, kind: kind, targets: [target])))
        }

        func gaps(_ settings: HistoryChecker.Settings = .init()) throws -> [GapSample] {
            try HistoryChecker.report(script.events, settings).gapSamples
        }
    }

    @Test("run from the last ack of a survivor to the next, while one waits")
    func simple() throws {
        var typing = Typing()
        typing.submit(10, by: 2, "a")
        typing.submit(11, by: 2, "b")
        typing.ack(20, to: 2, "a")
        typing.kill(25, "node-1")
        typing.ack(120, to: 2, "b")
        #expect(
            try typing.gaps() == [
                GapSample(fault: "f", kind: "kill", document: "d", microseconds: 100_000, isOpen: false)
            ])
    }

    @Test("do not run while nobody waits")
    func idle() throws {
        var typing = Typing()
        typing.kill(25, "node-1")
        typing.submit(500, by: 2, "a")
        typing.ack(507, to: 2, "a")
        #expect(try typing.gaps().map(\.microseconds) == [7_000])
    }

    @Test("are not ended by acks on the node that was hit, nor begun by its sessions")
    func survivors() throws {
        var typing = Typing()
        typing.submit(10, by: 1, "a")
        typing.submit(12, by: 2, "b")
        typing.kill(15, "node-1", kind: "pause")
        typing.ack(50, to: 1, "a")
        typing.ack(60, to: 2, "b")
        #expect(try typing.gaps().map(\.microseconds) == [48_000])
    }

    @Test("without an end are at least as long as the history goes on")
    func open() throws {
        var typing = Typing()
        typing.kill(15, "node-1")
        typing.submit(20, by: 2, "b")
        typing.at(920, .degraded(session: "s2"))
        #expect(
            try typing.gaps() == [
                GapSample(fault: "f", kind: "kill", document: "d", microseconds: 900_000, isOpen: true)
            ])
    }

    @Test("of a session that closed are nobody's")
    func closed() throws {
        var typing = Typing()
        typing.kill(15, "node-1")
        typing.submit(20, by: 2, "b")
        typing.at(30, .closed(.init(session: "s2")))
        typing.at(900, .degraded(session: "s1"))
        #expect(try typing.gaps().isEmpty)
    }

    @Test("belong to the fault in whose window they began, and the figures to its kind")
    func kinds() throws {
        var typing = Typing()
        typing.kill(10, "node-1", as: "f1")
        typing.submit(11, by: 2, "a")
        typing.ack(41, to: 2, "a")
        typing.kill(50, "node-1", as: "f2", kind: "pause")
        typing.submit(51, by: 2, "b")
        typing.ack(61, to: 2, "b")
        typing.at(70, .faultEnded(fault: "f2"))
        // After the window: the end, and two seconds.
        typing.submit(2_100, by: 2, "c")
        typing.ack(4_100, to: 2, "c")
        let report = try HistoryChecker.report(typing.script.events)
        #expect(report.gaps.map(\.kind) == ["kill", "pause"])
        #expect(report.gaps.map(\.microseconds.max) == [30_000, 10_000])
        #expect(report.gaps.map(\.faults) == [1, 1])
    }

    @Test("above a bound that is given break G10, and are not judged without one")
    func bound() throws {
        var typing = Typing()
        typing.kill(10, "node-1")
        typing.submit(11, by: 2, "a")
        typing.ack(41, to: 2, "a")
        var settings = HistoryChecker.Settings()
        #expect(try HistoryChecker.report(typing.script.events, settings)[.g10].outcome == .notObserved)
        settings.longestGapMicroseconds = 30_000
        #expect(try HistoryChecker.report(typing.script.events, settings)[.g10].outcome == .held)
        settings.longestGapMicroseconds = 29_999
        let report = try HistoryChecker.report(typing.script.events, settings)
        #expect(report.broken == [.gapTooLong])
        #expect(report.violated == [.g10])
    }

    @Test("have the usual figures")
    func percentiles() {
        #expect(Percentiles([]).max == 0)
        let values = Percentiles(Array(1...200).reversed())
        #expect([values.p50, values.p99, values.max] == [100, 198, 200])
        #expect(Percentiles([5]).p99 == 5)
    }
}
