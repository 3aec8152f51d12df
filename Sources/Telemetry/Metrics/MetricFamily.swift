internal import Synchronization

/// The labels of one series, in the order in which they are written.
typealias MetricLabels = [(name: String, value: String)]

/// All series of one metric name.
final class MetricFamily: Sendable {
    /// What a family counts in.
    enum Cell: Sendable {
        case counter(CounterCell)
        case gauge(GaugeCell)
        case histogram(HistogramCell)
    }

    /// The type of a family's series.
    enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    let name: String
    let help: String
    let kind: Kind
    private let bounds: [Double]
    private let maximumSeries: Int
    private let series = Mutex<[String: Cell]>([:])

    init(name: String, help: String, kind: Kind, bounds: [Double], maximumSeries: Int) {
        self.name = name
        self.help = help
        self.kind = kind
        self.bounds = bounds
        self.maximumSeries = maximumSeries
    }

    /// Finds or makes the series with these labels, given as they are written between the braces.
    ///
    /// - Returns: `nil` when it would be one series too many.
    func cell(labels: String) -> Cell? {
        series.withLock { series in
            if let cell = series[labels] { return cell }
            guard series.count < maximumSeries else { return nil }
            let cell = detachedCell()
            series[labels] = cell
            return cell
        }
    }

    /// Makes a cell that nobody scrapes, for what is one series too many.
    func detachedCell() -> Cell {
        switch kind {
        case .counter: .counter(CounterCell())
        case .gauge: .gauge(GaugeCell())
        case .histogram: .histogram(HistogramCell(bounds: bounds))
        }
    }

    /// Forgets a series.
    func remove(labels: String) { series.withLock { _ = $0.removeValue(forKey: labels) } }

    /// The series, ordered by their labels.
    var all: [(labels: String, cell: Cell)] {
        series.withLock { $0.map { (labels: $0.key, cell: $0.value) } }.sorted { $0.labels < $1.labels }
    }
}
