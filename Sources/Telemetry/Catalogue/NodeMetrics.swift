package import CollabModel
package import RuntimePorts

/// Every metric of a node, by name: what the runtime and the gateway report is counted here and scraped from here.
///
/// The cells are made once, so that counting takes no lock but a histogram's own. Names are the reference document's
/// where it has one; durations are in milliseconds unless the name says seconds.
package final class NodeMetrics: Sendable {
    /// The registry, for a swift-metrics backend beside these metrics.
    package let registry: MetricRegistry
    let runtime: RuntimeCells
    let gateway: GatewayCells
    let node: NodeCells
    let postgres: RequestCells<PostgresRequestKind>
    let redis: RequestCells<RedisRequestKind>
    let feed: FeedCells
    let tracing: TracingCells
    let suppressedLogLines: CounterCell
    let documents: DocumentTable
    let clock: any RuntimeClock

    /// Makes the metrics of a node; every series carries `server_id`.
    ///
    /// - Parameters:
    ///   - version: the program's.
    ///   - clock: for the times of exemplars and of broadcasts.
    package init(node: NodeID, version: String, clock: any RuntimeClock) {
        self.clock = clock
        documents = DocumentTable(clock: clock)
        registry = MetricRegistry(labels: [(name: "server_id", value: node.text)])
        runtime = RuntimeCells(registry)
        gateway = GatewayCells(registry)
        self.node = NodeCells(registry, version: version)
        feed = FeedCells(registry)
        tracing = TracingCells(registry)
        suppressedLogLines = registry.counter(
            "collab_log_lines_suppressed_total",
            "Log lines that were not written because their event repeated too often.")
        postgres = RequestCells(registry, server: "postgres", title: "PostgreSQL")
        redis = RequestCells(registry, server: "redis", title: "Redis")
    }

    /// Counts a log line that was not written because its event repeated too often.
    package func logLineSuppressed() { suppressedLogLines.add() }

    /// Sets what is read at a scrape; the exposition follows.
    package func set(_ gauges: NodeGauges) {
        node.set(gauges)
        runtime.peerStreams.set(gauges.peerStreams)
    }

    /// The answer to `GET /metrics`, in UTF-8.
    package func exposition(_ format: ExpositionFormat = .text) -> [UInt8] {
        runtime.activeDocuments.set(documents.activeDocuments)
        return registry.exposition(format) { documents.write(to: &$0) }
    }
}
