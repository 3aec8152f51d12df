import Delta
import Foundation
import HistoryChecker
import JSON
import Nemeses
import Testing

@testable import ChaosHarness

@Suite("A report")
struct ReportTests {
    private static let line = DocumentContent().delta

    /// A history in which one client types, one document is met by a kill, and the log may lack what was acknowledged.
    private func history(losing lost: Int? = nil) throws -> HistoryReport {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let recorder = try HistoryRecorder(path: directory + "/history.jsonl")
        recorder.record(.document(.init("d", content: Self.line)))
        recorder.record(.opened(.init(session: "s", document: "d", user: "u", node: "node-1")))
        recorder.record(.initial(.init(session: "s", client: "c", version: 0, content: Self.line)))
        var insert = Delta()
        insert.insert("x")
        for number in 1...20 {
            if number == 8 {
                recorder.record(.faultBegan(.init("fault-1", kind: "node-kill", targets: ["node-2"])))
            }
            recorder.record(
                .submitted(
                    .init(session: "s", operationID: "o\(number)", version: number - 1, operation: insert)))
            recorder.record(.acknowledged(.init(session: "s", operationID: "o\(number)", version: number)))
            if number == 12 { recorder.record(.faultEnded(fault: "fault-1")) }
        }
        recorder.record(.closed(.init(session: "s", code: 1000)))
        var version = 0
        for number in 1...20 where number != lost {
            version += 1
            recorder.record(
                .row(
                    .init(
                        document: "d", version: version, epoch: 1, client: "c", operationID: "o\(number)",
                        operation: insert)))
        }
        recorder.record(.head(.init(document: "d", epoch: 1, head: version)))
        try recorder.close()
        return try HistoryFile.judge(recorder.path)
    }

    private func report(_ history: HistoryReport, documents: [String]? = nil) throws -> ChaosReport {
        let scenario = try Scenario(
            yaml: """
                summary: An owner is <b>killed</b>.
                faults:
                  - {at: 1s, fault: node-kill, target: owner, for: 1s}
                expect: {operations: 20, guarantees: [G1, G3], gaps: {node-kill: {max: 10s}}}
                """, file: "canned.yaml")
        let acks = (0..<200).map {
            LoadFigures.Ack(at: 1_000_000 + Int64($0) * 50_000, latency: Int64(1_000 + $0 * 37))
        }
        var counts = LoadFigures.Counts()
        counts.acknowledged = 20
        counts.errors = ["unavailable": 2]
        let observed = ObservedRun(
            startedAt: 1_000_000, wallOffset: 1_700_000_000, seconds: 10,
            faults: [
                FaultRecord(
                    number: 1, kind: .nodeKill, description: "node-2 is killed", targets: ["node-2"],
                    documents: documents, beganAt: 2_000_000, liftedAt: 3_000_000, endedAt: 4_500_000, outcome: .done)
            ], counts: counts, acks: acks, late: [], deadNodes: [], presence: [])
        return ChaosReport(
            scenario, ChaosRun.Options(directory: "/", seed: 42, command: "collab chaos run canned --seed 42"),
            observed, history: history)
    }

    @Test("of a sound history says that everything held, with its figures")
    func sound() throws {
        let report = try report(try history(), documents: ["d"])
        #expect(report.isSound, "\(report.expectations.filter { !$0.holds })")
        #expect(report.gaps.map(\.kind) == [.nodeKill] && report.gaps[0].count == 1)
        let json = try JSONValue(utf8: report.jsonUTF8)
        #expect(json["sound"]?.bool == true && json["seed"]?.string == "42")
        #expect(json["verdicts"]?.array?.count == 10)
        #expect(
            json["faults"]?.array?.first?["from"] == .number(1) && json["faults"]?.array?.first?["over"] == .number(3.5)
        )
        #expect(json["timeline"]?["rate"]?.array?.count == 100)
        #expect(json["counts"]?["errors"]?["unavailable"] == .number(2))
        #expect(report.text.last == "everything held")
    }

    @Test("of a history in which an acknowledged operation is missing names it, and is not sound")
    func lost() throws {
        let report = try report(try history(losing: 9))
        #expect(!report.isSound)
        let broken = report.expectations.first { $0.text.hasPrefix("G1") }
        #expect(broken?.holds == false)
        let json = try JSONValue(utf8: report.jsonUTF8)
        let verdict = json["verdicts"]?.array?.first
        #expect(verdict?["outcome"]?.string == "violated")
        #expect(verdict?["evidence"]?.array?.contains { $0["operation"]?.string == "o9" } == true)
    }

    @Test("counts no gaps of documents that a fault did not meet")
    func unmet() throws {
        #expect(try report(try history(), documents: ["another"]).gaps.isEmpty)
    }

    @Test("is one page with everything in it, whatever its texts hold")
    func page() throws {
        let report = try report(try history())
        let html = ReportPage(title: "a </script> & b", json: report.jsonUTF8).html
        #expect(html.contains("<title>a &lt;/script&gt; &amp; b"))
        #expect(html.components(separatedBy: "</script>").count == 3, "one end for each of the two scripts")
        #expect(!html.contains("http://") || !html.contains("src="))
        #expect(!html.contains("<b>killed"))
        let start = try #require(html.range(of: #"id="data">"#)).upperBound
        let end = try #require(html.range(of: "</script>", range: start..<html.endIndex)).lowerBound
        #expect(try JSONValue(utf8: Array(html[start..<end].utf8)) == JSONValue(utf8: report.jsonUTF8))
    }

    @Test("tells Grafana of a fault with its span and kind")
    func annotation() throws {
        let report = try report(try history())
        let value = try JSONValue(utf8: GrafanaAnnotations.annotation(report.faults[0], of: report))
        #expect(value["time"] == .number(1_700_000_002_000) && value["timeEnd"] == .number(1_700_000_004_500))
        #expect(value["tags"]?.array == [.string("collab"), .string("chaos"), .string("node-kill")])
    }
}
