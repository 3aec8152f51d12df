import CoreMetrics
import Testing

@testable import Telemetry

@Suite("The swift-metrics backend")
struct MetricsFactoryTests {
    @Test("counters, meters, recorders and timers are scraped under valid names with their labels")
    func everyType() {
        let registry = MetricRegistry()
        let factory = PrometheusMetricsFactory(registry: registry)
        Counter(label: "http.requests", dimensions: [("method", "GET")], factory: factory).increment(by: 2)
        FloatingPointCounter(label: "t.sum", factory: factory).increment(by: 3)
        Meter(label: "t.load", factory: factory).set(0.5)
        Gauge(label: "t.level", factory: factory).record(4)
        Recorder(label: "t.size", dimensions: [], aggregate: true, factory: factory).record(30)
        Timer(label: "t.duration", factory: factory).recordNanoseconds(2_000_000)
        let text = String(decoding: registry.exposition(), as: UTF8.self)
        for line in [
            "http_requests_total{method=\"GET\"} 2", "t_sum_total 3", "t_load 0.5", "t_level 4",
            "t_size_bucket{le=\"50\"} 1", "t_duration_seconds_bucket{le=\"0.0025\"} 1", "t_duration_seconds_sum 0.002",
        ] {
            #expect(text.split(separator: "\n").contains(Substring(line)), "\(line)")
        }
    }

    @Test("a series outlives its handler, since libraries make handlers anew for each use")
    func destroyed() {
        let registry = MetricRegistry()
        let factory = PrometheusMetricsFactory(registry: registry)
        for _ in 0..<3 {
            let counter = Counter(label: "uses", factory: factory)
            counter.increment()
            counter.destroy()
        }
        #expect(String(decoding: registry.exposition(), as: UTF8.self).contains("\nuses_total 3\n"))
    }
}
