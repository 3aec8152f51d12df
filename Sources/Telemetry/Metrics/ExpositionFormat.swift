/// The two text formats that a scrape can be answered in.
package enum ExpositionFormat: Sendable, Hashable {
    /// Prometheus's own, version 0.0.4.
    case text
    /// OpenMetrics 1.0.0, which has exemplars.
    case openMetrics

    package var contentType: String {
        switch self {
        case .text: "text/plain; version=0.0.4; charset=utf-8"
        case .openMetrics: "application/openmetrics-text; version=1.0.0; charset=utf-8"
        }
    }

    /// The format that an `Accept` header asks for (RFC 9110, section 12.5.1): OpenMetrics where it is named in a version
    /// that we write and is not liked less than the text format; text for everything else, so that a person and an old
    /// scraper see what they know.
    package init(accept: String?) {
        var openMetrics = 0.0
        var text = 0.0
        for part in (accept ?? "").split(separator: ",") {
            let fields = part.split(separator: ";").map { $0.filter { !$0.isWhitespace }.lowercased() }
            guard let type = fields.first else { continue }
            let quality = fields.first { $0.hasPrefix("q=") }.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            let version = fields.first { $0.hasPrefix("version=") }.map { $0.dropFirst("version=".count) }
            switch type {
            case "application/openmetrics-text" where version == nil || version == "1.0.0" || version == "0.0.1":
                openMetrics = max(openMetrics, quality)
            case "text/plain", "text/*", "*/*": text = max(text, quality)
            default: break
            }
        }
        self = openMetrics > 0 && openMetrics >= text ? .openMetrics : .text
    }
}
