internal import Glibc
package import RuntimePorts

/// What is read from the parts of a node when a scrape comes, instead of being reported by them.
package struct NodeGauges: Sendable {
    /// Operations handed to the log writer and not yet durable.
    package var logWriterOperations = 0
    /// The age of the oldest of them; 0 when none waits.
    package var appendLagMicroseconds: Int64 = 0
    /// Bytes that wait to be sent to other nodes.
    package var peerOutboundBytes = 0
    /// Bytes that wait to be sent to editors.
    package var sessionOutboundBytes = 0
    package var peerStreams = 0
    package var postgres = DependencyLinks([])
    package var redis = DependencyLinks([])
    /// `nil`: the node has no broker.
    package var rabbitMQ: DependencyLinks?

    package init() {}
}

/// The cells of what is read at a scrape, and of the process's own state.
struct NodeCells: Sendable {
    let eventLoopLag: HistogramCell
    private let logWriter: GaugeCell
    private let peerOutbound: GaugeCell
    private let sessionOutbound: GaugeCell
    private let appendLag: GaugeCell
    private let diskAvailable: GaugeCell
    private let diskSize: GaugeCell
    private let postgres: LinkCells
    private let redis: LinkCells
    /// There with the first links: where no broker is, none is missing.
    private let rabbitMQ: @Sendable () -> LinkCells

    init(_ registry: MetricRegistry, version: String) {
        eventLoopLag = registry.histogram(
            "collab_event_loop_lag_ms", "How late a timer of an event loop fired.", bounds: Buckets.latency)
        let depth = { (queue: String) in
            registry.gauge(
                "collab_runtime_queue_depth",
                "What waits in a queue: operations to be durable, bytes to other nodes, bytes to editors.",
                labels: [("queue", queue)])
        }
        logWriter = depth("log_writer")
        peerOutbound = depth("peer_outbound")
        sessionOutbound = depth("session_outbound")
        appendLag = registry.gauge(
            "collab_append_lag_ms", "Age of the oldest operation that waits to be durable; 0 when none waits.")
        diskAvailable = registry.gauge(
            "collab_disk_available_bytes", "Free space of the filesystem of the working directory.")
        diskSize = registry.gauge("collab_disk_size_bytes", "Size of the filesystem of the working directory.")
        postgres = LinkCells(registry, server: "postgres", title: "PostgreSQL")
        redis = LinkCells(registry, server: "redis", title: "Redis")
        rabbitMQ = { LinkCells(registry, server: "rabbitmq", title: "RabbitMQ") }
        registry.gauge("collab_build_info", "The program's version.", labels: [("version", version)]).set(1)
    }

    func set(_ gauges: NodeGauges) {
        logWriter.set(gauges.logWriterOperations)
        peerOutbound.set(gauges.peerOutboundBytes)
        sessionOutbound.set(gauges.sessionOutboundBytes)
        appendLag.set(Double(gauges.appendLagMicroseconds) / 1_000)
        postgres.set(gauges.postgres)
        redis.set(gauges.redis)
        if let links = gauges.rabbitMQ { rabbitMQ().set(links) }
        var disk = statvfs()
        guard statvfs(".", &disk) == 0 else { return }
        diskAvailable.set(Double(disk.f_bavail) * Double(disk.f_frsize))
        diskSize.set(Double(disk.f_blocks) * Double(disk.f_frsize))
    }
}

/// The connections to one server.
private struct LinkCells: Sendable {
    private let open: GaugeCell
    private let connecting: GaugeCell
    private let waiting: GaugeCell
    private let breaker: GaugeCell

    init(_ registry: MetricRegistry, server: String, title: String) {
        let connections = { (state: String) in
            registry.gauge(
                "collab_\(server)_connections", "Connections of this node to \(title), by state.",
                labels: [("state", state)])
        }
        open = connections("open")
        connecting = connections("connecting")
        waiting = connections("waiting")
        breaker = registry.gauge(
            "collab_circuit_breaker_state",
            "Whether a server can be asked: 0 reachable, 1 connecting is tried, 2 requests fail until the next try.",
            labels: [("dependency", server)])
    }

    func set(_ links: DependencyLinks) {
        open.set(links.open)
        connecting.set(links.connecting)
        waiting.set(links.waiting)
        breaker.set(links.breaker.rawValue)
    }
}
