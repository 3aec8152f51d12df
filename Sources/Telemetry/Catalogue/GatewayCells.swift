internal import CollabModel
internal import RuntimePorts

/// The cells of what the gateway reports.
struct GatewayCells: Sendable {
    let connections: GaugeCell
    let connectionDuration: HistogramCell
    /// By close code; ``otherClose`` for a code that is none of the protocol's.
    let closed: [UInt16: CounterCell]
    let otherClose: CounterCell
    let lostConnections: CounterCell
    let refused: [CloseCode: CounterCell]
    let framesReceived: CounterCell
    let bytesReceived: CounterCell
    let framesRejected: [FrameRejection: CounterCell]
    let operationLatency: HistogramCell
    let framesSent: CounterCell
    let bytesSent: CounterCell
    let fullOutboxes: CounterCell
    let requestDuration: HistogramCell
    /// By the first digit of the status, 1 to 5.
    let requests: [CounterCell]

    init(_ registry: MetricRegistry) {
        connections = registry.gauge("collab_ws_connections_total", "Open WebSocket connections of this node.")
        connectionDuration = registry.histogram(
            "collab_ws_connection_duration_seconds", "How long connections that have ended were open.",
            bounds: Buckets.connection)
        let close = { (code: String) in
            registry.counter(
                "collab_ws_closed_total", "Connections that have ended, by close code.", labels: [("code", code)])
        }
        closed = Dictionary(CloseCode.allCases.map { ($0.rawValue, close(String($0.rawValue))) }) { first, _ in first }
        otherClose = close("other")
        lostConnections = close("none")
        refused = Dictionary(
            CloseCode.allCases.map { code in
                let labels = [(name: "code", value: String(code.rawValue))]
                return (
                    code,
                    registry.counter(
                        "collab_ws_refused_total", "Connections that were not admitted, by close code.", labels: labels)
                )
            }
        ) { first, _ in first }
        framesReceived = registry.counter("collab_ws_messages_received_total", "Messages of clients.")
        bytesReceived = registry.counter("collab_ws_received_bytes_total", "Payload bytes of clients' messages.")
        framesRejected = Dictionary(
            FrameRejection.allCases.map { reason in
                let labels = [(name: "reason", value: reason.rawValue)]
                return (
                    reason,
                    registry.counter(
                        "collab_ws_messages_rejected_total", "Messages of clients that were refused, by reason.",
                        labels: labels)
                )
            }
        ) { first, _ in first }
        operationLatency = registry.histogram(
            "collab_operation_latency_ms",
            "Time from an operation's arrival at this gateway until its ack was handed to the socket.",
            bounds: Buckets.latency)
        framesSent = registry.counter("collab_ws_messages_sent_total", "Messages to clients.")
        bytesSent = registry.counter("collab_ws_sent_bytes_total", "Bytes to clients, frame headers included.")
        fullOutboxes = registry.counter(
            "collab_ws_outbox_full_total", "Times that a session's outbox passed its bound.")
        requestDuration = registry.histogram(
            "collab_http_request_duration_ms", "Time that an HTTP request took.", bounds: Buckets.latency)
        requests = (1...5).map {
            registry.counter(
                "collab_http_requests_total", "HTTP requests, by status.", labels: [("status", "\($0)xx")])
        }
    }
}
