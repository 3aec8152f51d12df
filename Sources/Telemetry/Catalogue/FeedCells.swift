internal import RuntimePorts
internal import Synchronization

/// The cells of the change feed and the broker's queues, under the reference's names where it has one.
final class FeedCells: Sendable {
    let published: CounterCell
    let waitingDocuments: GaugeCell
    let publishLatency: HistogramCell
    let requests: RequestCells<RabbitMQRequestKind>
    private let registry: MetricRegistry
    private let queues = Mutex<Set<String>>([])

    private static let depth = "collab_queue_depth"

    init(_ registry: MetricRegistry) {
        self.registry = registry
        published = registry.counter(
            "collab_changes_published_total", "Operations that the broker has taken over for the change feed.")
        waitingDocuments = registry.gauge(
            "collab_changes_waiting_documents", "Documents with operations that the broker does not have.")
        publishLatency = registry.histogram(
            "collab_queue_publish_latency_ms",
            "Time from sending a message to RabbitMQ until it has confirmed it and those that were sent with it.",
            bounds: Buckets.publish)
        requests = RequestCells(registry, server: "rabbitmq", title: "RabbitMQ")
    }

    /// Sets the depths, and forgets the queues that are not there any more.
    func set(_ depths: [QueueDepth]) {
        queues.withLock { known in
            for depth in depths {
                registry.gauge(
                    Self.depth, "Messages that are ready in a RabbitMQ queue.", labels: [("queue_name", depth.name)]
                ).set(depth.messages)
            }
            let present = Set(depths.map(\.name))
            for gone in known.subtracting(present) { registry.remove(Self.depth, labels: [("queue_name", gone)]) }
            known = present
        }
    }
}
