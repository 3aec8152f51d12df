internal import Synchronization

/// Holds every metric of a process.
///
/// Registering takes a lock and is done once per series, at the start or at a label's first use; counting does not
/// come here. The number of series of a name is bounded: what comes after is counted in a cell that nobody scrapes, and
/// `collab_metric_series_dropped_total` says so.
package final class MetricRegistry: Sendable {
    /// How many series a name may have unless said otherwise.
    package static let defaultMaximumSeries = 200
    /// How many names there may be.
    static let maximumFamilies = 1000

    private let families = Mutex<[String: MetricFamily]>([:])
    /// Written first into the braces of every series.
    let constantLabels: String
    private let dropped = CounterCell()

    /// Makes an empty registry.
    ///
    /// - Parameter labels: labels of every series, such as `server_id`.
    package init(labels: [(name: String, value: String)] = []) {
        constantLabels = Exposition.labels(labels)
    }

    /// Finds or makes a counter.
    package func counter(_ name: String, _ help: String, labels: [(name: String, value: String)] = []) -> CounterCell {
        if case .counter(let cell) = cell(name, help, .counter, labels) { return cell }
        return CounterCell()
    }

    /// Finds or makes a gauge.
    package func gauge(_ name: String, _ help: String, labels: [(name: String, value: String)] = []) -> GaugeCell {
        if case .gauge(let cell) = cell(name, help, .gauge, labels) { return cell }
        return GaugeCell()
    }

    /// Finds or makes a histogram; the bounds are those of the first of its name.
    package func histogram(
        _ name: String, _ help: String, bounds: [Double], labels: [(name: String, value: String)] = []
    ) -> HistogramCell {
        if case .histogram(let cell) = cell(name, help, .histogram, labels, bounds: bounds) { return cell }
        return HistogramCell(bounds: bounds)
    }

    /// Forgets one series.
    func remove(_ name: String, labels: MetricLabels) {
        families.withLock { $0[name] }?.remove(labels: Exposition.labels(labels))
    }

    /// How many times a series was refused for its number or because its name has another type.
    var droppedSeries: Int64 { dropped.value }

    /// The families, ordered by name.
    var all: [MetricFamily] { families.withLock { Array($0.values) }.sorted { $0.name < $1.name } }

    private func cell(
        _ name: String, _ help: String, _ kind: MetricFamily.Kind, _ labels: MetricLabels, bounds: [Double] = []
    ) -> MetricFamily.Cell? {
        let family = families.withLock { families -> MetricFamily? in
            if let family = families[name] { return family.kind == kind ? family : nil }
            guard families.count < Self.maximumFamilies else { return nil }
            let family = MetricFamily(
                name: name, help: help, kind: kind, bounds: bounds, maximumSeries: Self.defaultMaximumSeries)
            families[name] = family
            return family
        }
        guard let cell = family?.cell(labels: Exposition.labels(labels)) else {
            dropped.add()
            return family?.detachedCell()
        }
        return cell
    }
}
