package import CoreMetrics

/// The swift-metrics backend: what the packages below report through `Metrics` is scraped with our own metrics.
///
/// Counters get the suffix `_total`, timers become histograms in seconds with the suffix `_seconds`, recorders
/// histograms or gauges. Names and labels are made what the text format allows.
package struct PrometheusMetricsFactory: MetricsFactory {
    /// Bounds of timers, in seconds.
    static let timerBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
    /// Bounds of recorders, whose unit is not known.
    static let recorderBounds: [Double] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000, 100_000, 1_000_000]

    private let registry: MetricRegistry

    /// Makes a backend that counts in `registry`.
    package init(registry: MetricRegistry) { self.registry = registry }

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        let name = Self.name(label, suffix: "_total")
        return CounterAdapter(cell: registry.counter(name, "From swift-metrics.", labels: Self.labels(dimensions)))
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        GaugeAdapter(cell: gauge(label, dimensions))
    }

    package func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        guard aggregate else { return GaugeAdapter(cell: gauge(label, dimensions)) }
        return HistogramAdapter(cell: histogram(label, "", Self.recorderBounds, dimensions))
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        HistogramAdapter(cell: histogram(label, "_seconds", Self.timerBounds, dimensions))
    }

    // Handlers are made again for each use by some libraries, so that a series outlives its handler.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeCell {
        registry.gauge(Self.name(label, suffix: ""), "From swift-metrics.", labels: Self.labels(dimensions))
    }

    private func histogram(
        _ label: String, _ suffix: String, _ bounds: [Double], _ dimensions: [(String, String)]
    ) -> HistogramCell {
        registry.histogram(
            Self.name(label, suffix: suffix), "From swift-metrics.", bounds: bounds, labels: Self.labels(dimensions))
    }

    private static func name(_ label: String, suffix: String) -> String {
        let name = Exposition.metricName(label)
        return name.hasSuffix(suffix) ? name : name + suffix
    }

    private static func labels(_ dimensions: [(String, String)]) -> MetricLabels {
        dimensions.map { (name: $0.0, value: $0.1) }
    }
}

private final class CounterAdapter: CounterHandler {
    private let cell: CounterCell
    init(cell: CounterCell) { self.cell = cell }
    func increment(by amount: Int64) { cell.add(amount) }
    /// A Prometheus counter starts again only with its process.
    func reset() {}
}

private final class GaugeAdapter: MeterHandler, RecorderHandler {
    private let cell: GaugeCell
    init(cell: GaugeCell) { self.cell = cell }
    func set(_ value: Int64) { cell.set(Double(value)) }
    func set(_ value: Double) { cell.set(value) }
    func increment(by amount: Double) { cell.add(amount) }
    func decrement(by amount: Double) { cell.add(-amount) }
    func record(_ value: Int64) { cell.set(Double(value)) }
    func record(_ value: Double) { cell.set(value) }
}

private final class HistogramAdapter: RecorderHandler, TimerHandler {
    private let cell: HistogramCell
    init(cell: HistogramCell) { self.cell = cell }
    func record(_ value: Int64) { cell.observe(Double(value)) }
    func record(_ value: Double) { cell.observe(value) }
    func recordNanoseconds(_ duration: Int64) { cell.observe(Double(duration) / 1e9) }
}
