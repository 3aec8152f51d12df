import CollabModel
import Foundation
import RuntimePorts
import Testing

@testable import Telemetry

@Suite("Text exposition")
struct ExpositionTests {
    private func lines(_ registry: MetricRegistry) -> [Substring] {
        String(decoding: registry.exposition(), as: UTF8.self).split(separator: "\n").filter {
            $0.hasPrefix("t_") || $0.contains(" t_")
        }
    }

    @Test("counters, gauges and histograms are written as the format wants them, with constant labels first")
    func golden() {
        let registry = MetricRegistry(labels: [("server_id", "node-1")])
        registry.counter("t_edits_total", "Edits.", labels: [("status", "success")]).add(3)
        registry.gauge("t_load", "Load\nof \\ it.").set(1.5)
        let histogram = registry.histogram("t_ms", "Time.", bounds: [1, 2.5])
        for value in [0.5, 1, 2, 2.5, 7] { histogram.observe(value) }
        #expect(
            lines(registry).joined(separator: "\n") == """
                # HELP t_edits_total Edits.
                # TYPE t_edits_total counter
                t_edits_total{server_id="node-1",status="success"} 3
                # HELP t_load Load\\nof \\\\ it.
                # TYPE t_load gauge
                t_load{server_id="node-1"} 1.5
                # HELP t_ms Time.
                # TYPE t_ms histogram
                t_ms_bucket{server_id="node-1",le="1"} 2
                t_ms_bucket{server_id="node-1",le="2.5"} 4
                t_ms_bucket{server_id="node-1",le="+Inf"} 5
                t_ms_sum{server_id="node-1"} 13
                t_ms_count{server_id="node-1"} 5
                """)
    }

    @Test("label values are escaped, names and label names are made valid")
    func escaping() {
        #expect(Exposition.labels([("a-b", "x\"y\\z\nw")]) == "a_b=\"x\\\"y\\\\z\\nw\"")
        #expect(Exposition.metricName("http.server/requests") == "http_server_requests")
        #expect(Exposition.metricName("9lives") == "_9lives")
        #expect(Exposition.metricName("") == "_")
        #expect(Exposition.labelName("a:b") == "a_b")
    }

    @Test(
        "numbers are written as Prometheus reads them",
        arguments: [
            (0.0, "0"), (12.0, "12"), (0.25, "0.25"), (-3.0, "-3"), (.infinity, "+Inf"), (-.infinity, "-Inf"),
            (1e300, "1e+300"),
        ])
    func numbers(value: Double, text: String) {
        #expect(Exposition.number(value) == text)
        #expect(Exposition.number(.nan) == "NaN")
    }

    @Test("one series too many is counted and not kept; another type of the same name is not mixed in")
    func bounded() {
        let registry = MetricRegistry()
        for index in 0..<(MetricRegistry.defaultMaximumSeries + 5) {
            registry.counter("t_total", "T.", labels: [("id", "\(index)")]).add()
        }
        #expect(lines(registry).count { !$0.hasPrefix("#") } == MetricRegistry.defaultMaximumSeries)
        #expect(registry.droppedSeries == 5)
        registry.gauge("t_total", "T.").set(7)
        #expect(registry.droppedSeries == 6)
        #expect(!lines(registry).contains { $0.hasSuffix(" 7") })
    }

    @Test("the process is described: memory, CPU, descriptors, threads, start")
    func process() throws {
        let text = String(decoding: MetricRegistry().exposition(), as: UTF8.self)
        let values = Dictionary(
            text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
                let words = line.split(separator: " ")
                return (String(words[0]), Double(words[1]) ?? .nan)
            }
        ) { first, _ in first }
        #expect(try #require(values["process_resident_memory_bytes"]) > 1_000_000)
        #expect(try #require(values["process_virtual_memory_bytes"]) > 1_000_000)
        #expect(try #require(values["process_cpu_seconds_total"]) >= 0)
        #expect(try #require(values["process_open_fds"]) >= 3)
        #expect(try #require(values["process_max_fds"]) >= 3)
        #expect(try #require(values["process_threads"]) >= 1)
        let start = try #require(values["process_start_time_seconds"])
        #expect(abs(start - Date.now.timeIntervalSince1970) < 3600)
    }

    @Test("everything that a node reports passes promtool's check", .enabled(if: Promtool.isInstalled))
    func promtool() async throws {
        let metrics = try nodeMetricsWithEverything()
        let complaints = try await Promtool.check(metrics.exposition())
        // The reference document's names break three conventions on purpose: units in ms, a gauge named _total.
        let serious = complaints.split(separator: "\n").filter {
            !$0.contains("_ms") && !$0.contains("collab_ws_connections_total")
        }
        #expect(serious.isEmpty, "\(serious.joined(separator: "\n"))")
    }
}
