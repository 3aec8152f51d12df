internal import CollabModel

/// Writes metrics in Prometheus's text format, version 0.0.4 ("Exposition formats", prometheus.io), or as OpenMetrics
/// 1.0.0 (openmetrics.io), which differs in the names of counters, the end, and the exemplars.
package struct Exposition {
    private var bytes: [UInt8] = []
    private let constantLabels: String
    private let format: ExpositionFormat

    /// Starts an answer whose samples all carry `constantLabels`.
    init(constantLabels: String, format: ExpositionFormat = .text) {
        self.constantLabels = constantLabels
        self.format = format
        bytes.reserveCapacity(64 << 10)
    }

    /// The whole answer, in UTF-8.
    consuming func finish() -> [UInt8] {
        if format == .openMetrics { write("# EOF\n") }
        return bytes
    }

    /// Writes the help and type lines of a name; the name's samples follow.
    ///
    /// In OpenMetrics a counter's family has no `_total`, and what does not end so cannot be a counter. Quotes are
    /// escaped in its help as well.
    mutating func begin(_ name: String, _ help: String, _ kind: MetricFamily.Kind) {
        guard format == .openMetrics else {
            return write("# HELP \(name) \(Self.escapedHelp(help))\n# TYPE \(name) \(kind.rawValue)\n")
        }
        let isCounter = kind == .counter && name.hasSuffix("_total")
        let family = isCounter ? String(name.dropLast("_total".count)) : name
        let type = kind == .counter && !isCounter ? "unknown" : kind.rawValue
        write("# HELP \(family) \(Self.escapedLabel(help))\n# TYPE \(family) \(type)\n")
    }

    /// Writes one sample. `labels` are as they stand between the braces.
    mutating func sample(
        _ name: String, labels: String = "", extra: String = "", _ value: Double,
        exemplar: HistogramCell.Exemplar? = nil
    ) {
        write(name)
        let parts = [constantLabels, labels, extra].filter { !$0.isEmpty }
        if !parts.isEmpty { write("{\(parts.joined(separator: ","))}") }
        write(" \(Self.number(value))")
        if let exemplar, format == .openMetrics { write(exemplar) }
        write("\n")
    }

    private mutating func write(_ exemplar: HistogramCell.Exemplar) {
        let trace = "trace_id=\"\(exemplar.trace.traceIDText)\",span_id=\"\(exemplar.trace.spanIDText)\""
        let milliseconds = exemplar.atMicroseconds / 1_000
        let fraction = String(1_000 + milliseconds % 1_000).dropFirst()
        write(" # {\(trace)} \(Self.number(exemplar.value)) \(milliseconds / 1_000).\(fraction)")
    }

    /// Writes a family with all its series.
    mutating func family(_ family: MetricFamily) {
        let series = family.all
        guard !series.isEmpty else { return }
        begin(family.name, family.help, family.kind)
        for (labels, cell) in series {
            switch cell {
            case .counter(let counter): sample(family.name, labels: labels, Double(counter.value))
            case .gauge(let gauge): sample(family.name, labels: labels, gauge.value)
            case .histogram(let histogram): self.histogram(family.name, labels: labels, histogram)
            }
        }
    }

    private mutating func histogram(_ name: String, labels: String, _ histogram: HistogramCell) {
        let snapshot = histogram.snapshot
        let exemplars = format == .openMetrics ? histogram.lastExemplars : []
        var cumulative: UInt64 = 0
        for (index, count) in snapshot.counts.enumerated() {
            cumulative += count
            let bound = index < histogram.bounds.count ? Self.number(histogram.bounds[index]) : "+Inf"
            sample(
                "\(name)_bucket", labels: labels, extra: "le=\"\(bound)\"", Double(cumulative),
                exemplar: index < exemplars.count ? exemplars[index] : nil)
        }
        sample("\(name)_sum", labels: labels, snapshot.sum)
        sample("\(name)_count", labels: labels, Double(cumulative))
    }

    private mutating func write(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Labels as they stand between the braces, in the order given.
    static func labels(_ labels: MetricLabels) -> String {
        labels.map { "\(labelName($0.name))=\"\(escapedLabel($0.value))\"" }.joined(separator: ",")
    }

    /// A number as Go's `ParseFloat` reads it; whole numbers without a fraction.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        if value == value.rounded(), abs(value) < 9e15 { return String(Int64(value)) }
        return value.description
    }

    /// A metric name that the format allows: every other character becomes `_`.
    static func metricName(_ name: String) -> String { sanitized(name, allowingColon: true) }

    /// A label name that the format allows: every other character becomes `_`.
    static func labelName(_ name: String) -> String { sanitized(name, allowingColon: false) }

    private static func sanitized(_ name: String, allowingColon: Bool) -> String {
        var result = ""
        for scalar in name.unicodeScalars {
            let isLetter = ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || scalar == "_"
            let isDigit = ("0"..."9").contains(scalar)
            if isDigit, result.isEmpty { result = "_" }
            result.unicodeScalars.append(isLetter || isDigit || (allowingColon && scalar == ":") ? scalar : "_")
        }
        return result.isEmpty ? "_" : result
    }

    private static func escapedLabel(_ value: String) -> String { escaped(value, quotes: true) }

    private static func escapedHelp(_ help: String) -> String { escaped(help, quotes: false) }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        guard text.utf8.contains(where: { $0 == 0x5C || $0 == 0x0A || $0 == 0x22 }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
