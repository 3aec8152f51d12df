internal import Foundation

/// A question that a dashboard asks Prometheus.
package struct DashboardQuery: Sendable, Hashable, CustomStringConvertible {
    /// The panel's title, or the annotation's.
    package let panel: String
    /// Whether it asks for events, of which there may be none.
    package let isAnnotation: Bool
    /// The expression, with Grafana's variables replaced by values.
    package let expression: String

    /// Whether an answer without any series says nothing: it asks for a metric that a node has only after something
    /// rare, or for what is above zero.
    package var mayBeEmpty: Bool {
        isAnnotation || expression.hasSuffix("> 0")
            || DashboardQueries.rare.contains { expression.contains($0) }
    }

    package var description: String { "\(panel): \(expression)" }
}

/// Reads the questions of Grafana dashboards, so that a test can ask every one of them.
package enum DashboardQueries {
    /// Metrics whose series begin with the first event.
    static let rare = ["ALERTS", "collab_resyncs_total"]

    /// The dashboards of this checkout.
    package static var standardDirectory: String { PackageRoot.path + "/Dashboards/dashboards" }

    /// Reads every panel, also in collapsed rows, and every annotation of the dashboards in a directory.
    ///
    /// - Throws: ``LocalClusterError`` with code `bad_dashboard` when a file is not a dashboard, a panel that shows
    ///   data asks nothing, or a variable is left in an expression.
    package static func read(
        from directory: String = standardDirectory
    ) throws(LocalClusterError) -> [DashboardQuery] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        let files = names.filter { $0.hasSuffix(".json") }.sorted()
        guard !files.isEmpty else {
            throw LocalClusterError(code: "bad_dashboard", message: "there is no dashboard in \(directory)")
        }
        var queries: [DashboardQuery] = []
        for file in files { queries += try read(file: "\(directory)/\(file)") }
        return queries
    }

    private static func read(file: String) throws(LocalClusterError) -> [DashboardQuery] {
        let dashboard: Dashboard
        do {
            dashboard = try JSONDecoder().decode(Dashboard.self, from: Data(contentsOf: URL(fileURLWithPath: file)))
        } catch {
            throw LocalClusterError(code: "bad_dashboard", message: "\(file) is not a dashboard: \(error)")
        }
        var queries: [DashboardQuery] = []
        for panel in dashboard.panels.flatMap({ [$0] + ($0.panels ?? []) }) where !["row", "text"].contains(panel.type)
        {
            guard let targets = panel.targets, !targets.isEmpty else {
                throw LocalClusterError(code: "bad_dashboard", message: "\(file): \(panel.title) asks nothing")
            }
            for target in targets {
                queries.append(
                    DashboardQuery(panel: panel.title, isAnnotation: false, expression: try resolved(target.expr, file))
                )
            }
        }
        for annotation in dashboard.annotations?.list ?? [] {
            guard let expression = annotation.expr else { continue }
            queries.append(
                DashboardQuery(panel: annotation.name, isAnnotation: true, expression: try resolved(expression, file)))
        }
        return queries
    }

    /// Grafana's variables with the values of a dashboard that shows every node over the last quarter of an hour.
    private static let variables = [
        ("$__rate_interval", "15s"), ("$__interval", "15s"), ("$__range", "15m"), ("$cluster", ".*"), ("$region", ".*"),
        ("$node", ".*"), ("$document", ".*"),
    ]

    private static func resolved(_ expression: String, _ file: String) throws(LocalClusterError) -> String {
        let text = variables.reduce(expression) { $0.replacingOccurrences(of: $1.0, with: $1.1) }
        guard !text.contains("$") else {
            throw LocalClusterError(code: "bad_dashboard", message: "\(file): an unknown variable in \(expression)")
        }
        return text
    }
}

/// The parts of Grafana's dashboard model that hold queries.
private struct Dashboard: Decodable {
    struct Target: Decodable { let expr: String }
    struct Panel: Decodable {
        let type: String
        let title: String
        let targets: [Target]?
        let panels: [Panel]?
    }
    struct Annotation: Decodable {
        let name: String
        let expr: String?
    }
    struct Annotations: Decodable { let list: [Annotation] }
    let panels: [Panel]
    let annotations: Annotations?
}
