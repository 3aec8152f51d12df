import CollabModel
import Foundation
import Testing

@testable import Telemetry

@Suite("OpenMetrics")
struct OpenMetricsTests {
    private let trace = TraceContext(
        traceID: Identifier128(high: 0x0af7_6519_16cd_43dd, low: 0x8448_eb21_1c80_319c), spanID: 0xb7ad_6b71_6920_3331,
        flags: 1)

    private func lines(_ exposition: [UInt8]) -> [String] {
        String(decoding: exposition, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).map(
            String.init)
    }

    @Test("a recorded operation leaves its trace in the bucket that it fell into, another does not")
    func exemplars() throws {
        let metrics = try nodeMetrics("n")
        var unsampled = trace
        unsampled.isSampled = false
        metrics.acknowledged(microseconds: 700, trace: unsampled)
        #expect(!lines(metrics.exposition(.openMetrics)).contains { $0.contains("trace_id") })
        metrics.acknowledged(microseconds: 2_500, trace: trace)
        let found = lines(metrics.exposition(.openMetrics)).filter { $0.contains("trace_id") }
        #expect(
            found == [
                "collab_operation_latency_ms_bucket{server_id=\"n\",le=\"3\"} 2 # "
                    + "{trace_id=\"0af7651916cd43dd8448eb211c80319c\",span_id=\"b7ad6b7169203331\"} 2.5 1700000000.123"
            ])
        #expect(!lines(metrics.exposition(.text)).contains { $0.contains("trace_id") || $0 == "# EOF" })
    }

    @Test("everything that a node reports keeps to the grammar")
    func grammar() throws {
        let metrics = try nodeMetricsWithEverything()
        metrics.acknowledged(microseconds: 2_500, trace: trace)
        try OpenMetricsGrammar.check(lines(metrics.exposition(.openMetrics)))
    }

    @Test(
        "the check itself sees what the grammar forbids",
        arguments: [
            ["# TYPE a counter", "a 1", "# EOF", ""], ["# TYPE a gauge", "a 1", ""], ["a 1", "# EOF", ""],
            ["# TYPE a gauge", "a 1", "", "# EOF", ""], ["# TYPE a_total counter", "a_total 1", "# EOF", ""],
            ["# TYPE a gauge", "a{b=\"c} 1", "# EOF", ""], ["# TYPE a gauge", "# TYPE a gauge", "# EOF", ""],
            ["# TYPE a gauge", "a 1 # {trace_id=\"x\"} 1", "# EOF", ""], ["# TYPE a gauge", "a x", "# EOF", ""],
            ["# TYPE a gauge", "# TYPE b gauge", "b 1", "a 1", "# EOF", ""],
        ])
    func forbidden(lines: [String]) {
        #expect(throws: OpenMetricsGrammar.Violation.self) { try OpenMetricsGrammar.check(lines) }
    }

    @Test(
        "the format is the one that is asked for; text is the default",
        arguments: [
            (nil, ExpositionFormat.text), ("*/*", .text), ("text/plain;version=0.0.4", .text), ("text/html", .text),
            ("application/openmetrics-text", .openMetrics),
            (
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                    + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", .openMetrics
            ),
            ("application/openmetrics-text; version=1.0.0; q=0.2, text/plain; q=0.8", .text),
            ("application/openmetrics-text;version=2.0.0, text/plain;q=0.1", .text),
            ("application/openmetrics-text;q=0", .text),
        ] as [(String?, ExpositionFormat)])
    func negotiation(accept: String?, format: ExpositionFormat) {
        #expect(ExpositionFormat(accept: accept) == format)
    }
}
