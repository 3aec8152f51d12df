package import CollabModel

/// Every metric of a node, by name: what the runtime and the gateway report is counted here and scraped from here.
///
/// The cells are made once, so that counting takes no lock but a histogram's own. Names are the reference document's
/// where it has one; durations are in milliseconds unless the name says seconds.
package final class NodeMetrics: Sendable {
    /// The registry, for a swift-metrics backend beside these metrics.
    package let registry: MetricRegistry
    let runtime: RuntimeCells
    let gateway: GatewayCells
    let documents = DocumentTable()

    /// Makes the metrics of a node; every series carries `server_id`.
    package init(node: NodeID) {
        registry = MetricRegistry(labels: [(name: "server_id", value: node.text)])
        runtime = RuntimeCells(registry)
        gateway = GatewayCells(registry)
    }

    /// The answer to `GET /metrics`, in UTF-8, of the type ``Exposition/contentType``.
    package func exposition() -> [UInt8] { registry.exposition { documents.write(to: &$0) } }
}
