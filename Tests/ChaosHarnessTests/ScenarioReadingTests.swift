import ChaosHarness
import Foundation
import LoadGenerator
import Nemeses
import Testing

@Suite("A scenario's file")
struct ScenarioReadingTests {
    @Test("says nodes, workload, faults and expectations")
    func whole() throws {
        let scenario = try Scenario(
            yaml: """
                summary: Much at once.
                event: owner process killed
                nodes: 4
                duration: 90s
                settle: 2m
                workload:
                  documents: 3
                  editors: 9
                  rate: 2.5
                  characters: 100
                  runs: 4
                  mix: {jumps: 1, corrections: 2, deletions: 3, formats: 4, lines: 5}
                  reconnecting: 2
                  reconnect-every: 1500ms
                  presence: true
                faults:
                  - {at: 3s, fault: node-kill, target: owner, for: 2s}
                  - every: 5s
                    from: 1s
                    until: 20s
                    fault: link-delay
                    links: peers
                    target: node-2
                    with: gateway
                    direction: out
                    delay: 50ms
                    jitter: 10ms
                    for: 1s
                random:
                  every: 2s..4s
                  for: 100ms..1s
                  from: 2s
                  faults:
                    - {weight: 3, fault: redis-flush}
                expect:
                  guarantees: [G1, G4]
                  operations: 12
                  faults: 4
                  presence-gone: 30s
                  gaps:
                    node-kill: {p50: 50ms, p99: 1s, max: 3s}
                """, file: "much.yaml")
        #expect(scenario.name == "much" && scenario.summary == "Much at once." && scenario.nodes == 4)
        #expect(scenario.event == "owner process killed")
        #expect(scenario.duration == .seconds(90) && scenario.settle == .seconds(120))
        let workload = scenario.workload
        #expect(workload.documents == 3 && workload.editors == 9 && workload.rate == 2.5 && workload.presence)
        #expect(workload.characters == 100 && workload.runs == 4)
        #expect(workload.mix.sum == 15 && workload.mix.formats == 4)
        #expect(workload.reconnecting == 2 && workload.reconnectEvery == .milliseconds(1_500))
        try #require(scenario.faults.count == 2)
        #expect(scenario.faults[0].occasion == .once(.seconds(3)) && scenario.faults[0].lasting == .seconds(2))
        #expect(scenario.faults[0].specification.target == .owner)
        let delay = scenario.faults[1]
        #expect(delay.occasion == .every(.seconds(5), from: .seconds(1), until: .seconds(20)))
        #expect(delay.specification.links == .peers && delay.specification.target == .node(2))
        #expect(delay.specification.with == .gateway && delay.specification.direction == .out)
        #expect(delay.specification.delay == .milliseconds(50) && delay.specification.jitter == .milliseconds(10))
        let random = try #require(scenario.random)
        #expect(random.every == .seconds(2) ... .seconds(4) && random.lasting == .milliseconds(100) ... .seconds(1))
        #expect(random.faults.map(\.weight) == [3] && random.from == .seconds(2))
        let expected = scenario.expectations
        #expect(expected.guarantees == ["G1", "G4"] && expected.operations == 12 && expected.faults == 4)
        #expect(expected.presenceGone == .seconds(30))
        #expect(expected.gaps[.nodeKill] == GapBound(p50: .milliseconds(50), p99: .seconds(1), maximum: .seconds(3)))
        #expect(!scenario.shiftsClocks)
    }

    @Test(
        "is refused with the line and the reason",
        arguments: [
            ("summary: x\nnodez: 3", 2, "unknown key `nodez` of a scenario"),
            ("nodes: 3", 1, "needs `summary`"),
            ("summary: x\nnodes: many", 2, "whole number"),
            ("summary: x\nduration: soon", 2, "must be a time"),
            ("summary: x\nworkload:\n  editers: 3", 3, "unknown key `editers` of the workload"),
            ("summary: x\nworkload:\n  documents: 9\n  editors: 3", 3, "every document needs an editor"),
            ("summary: x\nfaults:\n  - {at: 1s, fault: node-explode, for: 1s}", 3, "is one of node-kill"),
            ("summary: x\nfaults:\n  - {at: 1s, fault: node-kill}", 3, "needs `for`"),
            ("summary: x\nfaults:\n  - {fault: node-kill, for: 1s}", 3, "either `at` or `every`"),
            ("summary: x\nfaults:\n  - {at: 1s, every: 1s, fault: node-kill, for: 1s}", 3, "either `at` or `every`"),
            ("summary: x\nfaults:\n  - {at: 1s, fault: redis-flush, for: 1s}", 3, "over at once"),
            ("summary: x\nfaults:\n  - {at: 1s, fault: link-delay, links: peers, for: 1s}", 3, "needs `delay`"),
            ("summary: x\nfaults:\n  - {at: 1s, fault: node-kill, delay: 1s, for: 1s}", 3, "not a key of node-kill"),
            ("summary: x\nfaults:\n  - {at: 1s, fault: node-kill, target: everyone, for: 1s}", 3, "`target` is one of"),
            ("summary: x\nfaults:\n  - {at: 1s, fault: node-kill, target: redis, for: 1s}", 3, "is a node"),
            (
                "summary: x\nfaults:\n  - {at: 1s, fault: link-cut, links: redis, with: any, for: 1s}", 3,
                "links between peers"
            ),
            ("summary: x\nrandom:\n  every: 4s..2s\n  faults: []", 3, "two such as"),
            ("summary: x\nrandom:\n  every: 4s", 3, "`faults` to draw from"),
            ("summary: x\nexpect:\n  guarantees: [G11]", 3, "G1 to G10"),
            ("summary: x\nexpect:\n  gaps:\n    node-fly: {max: 1s}", 4, "no kind of fault"),
            ("summary: x\nexpect:\n  gaps:\n    node-kill: {maximum: 1s}", 4, "unknown key `maximum`"),
        ])
    func refused(yaml: String, line: Int, reason: String) throws {
        let error = #expect(throws: ScenarioError.self) { try Scenario(yaml: yaml, file: "bad.yaml") }
        let text = try #require(error).description
        #expect(text.hasPrefix("bad.yaml:\(line): "), "\(text)")
        #expect(text.contains(reason), "\(text)")
    }

    @Test(
        "that is no YAML, or says a key twice, is refused with what the parser says of it",
        arguments: [
            ("summary: x\nfaults:\n  - {at: 1s, fault: node-kill, for: 1s, at: 2s}", "line 3"), ("summary: [x", "line"),
        ])
    func unparsable(yaml: String, reason: String) throws {
        let error = #expect(throws: ScenarioError.self) { try Scenario(yaml: yaml, file: "bad.yaml") }
        let text = try #require(error).description
        #expect(text.hasPrefix("bad.yaml: ") && text.contains(reason), "\(text)")
    }

    @Test("of this checkout can be read, every one", arguments: ScenarioLibrary.names)
    func library(name: String) throws {
        let scenario = try ScenarioLibrary.scenario(name)
        #expect(scenario.name == name)
        #expect(!scenario.faults.isEmpty || scenario.random != nil)
    }

    @Test("there is for every event that guarantees.md has, and that page names them")
    func events() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appendingPathComponent("Sources/ClusterRuntime/ClusterRuntime.docc/guarantees.md"),
            encoding: .utf8)
        let start = try #require(page.firstRange(of: "| event |")).upperBound
        var named: [String: Set<String>] = [:]
        for row in page[start...].split(separator: "\n").dropFirst(2).prefix(while: { $0.hasPrefix("|") }) {
            let cells = row.split(separator: "|")
            named[cells[0].trimmingCharacters(in: .whitespaces)] = Set(
                cells[2].matches(of: /`([a-z-]+)`/).map { String($0.output.1) })
        }
        #expect(named.count == 9)
        var tried: [String: Set<String>] = [:]
        for name in ScenarioLibrary.names {
            guard let event = try ScenarioLibrary.scenario(name).event else { continue }
            tried[event, default: []].insert(name)
        }
        #expect(tried == named)
    }

    @Test("there are such that every kind of fault is in one")
    func faultKinds() throws {
        let planned = try ScenarioLibrary.names.flatMap {
            try ScenarioLibrary.scenario($0).faults.map(\.specification.kind)
        }
        #expect(Set(FaultKind.allCases).subtracting(planned).isEmpty)
    }
}
