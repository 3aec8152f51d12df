"""The reference's SLI dashboard: its panels under its names and with its metrics and windows, and its targets."""

from model import dashboard, floor, heatmap, limits, series, stat, steps, target
from promql import ACK_MS, ANNOTATIONS, AVAILABILITY, CLUSTERS, DUPLICATES, LAG_MS, OPERATIONS, RECOVERY_MS, VARIABLES, \
    buckets, depths, gauge, quantile, rate, refused

REFUSED = rate(OPERATIONS, more='status!="success"', window="5m")
DECIDED = f"({rate(OPERATIONS, window='5m')} + {rate(DUPLICATES, window='5m')})"
RECOVERY = "collab_failover_duration_ms"


def available(window):
    return f"1 - max(collab:availability_failures:ratio_rate{window}{{{CLUSTERS}}})"


REFERENCE = [
    series(
        "Operation Latency p95",
        [target(quantile(0.95, "collab_operation_latency_ms", window="5m"), "all"),
         target(quantile(0.95, "collab_operation_latency_ms", "server_id", window="5m"), "{{server_id}}")],
        "ms", "User-perceived latency: from the arrival of an operation at its node until its ack was sent.",
        thresholds=limits(ACK_MS, 100)),
    series(
        "Operations/sec", [target(rate(OPERATIONS, "status", 'status="success"', window="1m"), "{{status}}"),
                           target(rate(DUPLICATES, window="1m"), "sent again"),
                           refused("1m")],
        "ops", "System throughput, by what became of the operations.", stack=True),
    series(
        "Error Rate",
        [target(f"{REFUSED} / {DECIDED}", "refused")], "percentunit",
        "Refused operations of all, for whatever reason: also what clients did wrong. An operation that was sent again "
        "counts as a success. What the service itself failed at is under Availability.",
        thresholds=limits(0.001, 0.01)),
    series("Active Connections", [target(gauge("collab_ws_connections_total", "server_id"), "{{server_id}}")], "short",
           "Open WebSocket connections.", stack=True),
    series("Queue Depth", [target(depths('queue_name=~"op.broadcast.*"'), "{{queue_name}}")], "short",
           "Backlog of the broker's queues. Empty while the cluster runs without RabbitMQ.",
           thresholds=limits(100, 1000)),
    series("Transform Time",
           [target(quantile(0.99, "collab_transform_latency_ms", window="5m"), "p99"),
            target(quantile(0.5, "collab_transform_latency_ms", window="5m"), "p50")],
           "ms", "Transforming and applying the operations of one turn.", thresholds=limits(10, 25)),
]

TARGETS = [
    stat("Ack p95", quantile(0.95, "collab_operation_latency_ms", window="5m"), "ms",
         f"Target: below {ACK_MS} ms.", limits(ACK_MS, 100), 1, graph=True, width=6),
    stat("Availability", available("5m"), "percentunit",
         f"Target: {AVAILABILITY:.1%}. Operations that were answered, of those and the ones at which the service "
         "failed; what clients did wrong counts on neither side.", floor(0.99, AVAILABILITY), 3, graph=True, width=6,
         empty="no operations"),
    stat("Sync lag p95", quantile(0.95, "collab_sync_lag_ms", window="5m"), "ms",
         f"Target: below {LAG_MS} ms. From the commit at the owner until a node's sessions had the operation.",
         limits(LAG_MS, 250), 1, graph=True, width=6),
    stat("Recovery p99", quantile(0.99, RECOVERY, window="$__range"), "ms",
         "Target: below 30 s. From the loss of an owner until another node served the document, over the shown time.",
         limits(10_000, RECOVERY_MS), 0, width=6, empty="no failover"),
]

DASHBOARD = dashboard(
    "collab-sli", "collab: service levels",
    "Whether the service keeps its promises: the reference's panels and targets.",
    [
        ("Targets", TARGETS),
        ("", REFERENCE),
        ("Distributions", [
            heatmap("Ack latency", buckets("collab_operation_latency_ms"), "ms", "Acknowledgements by time taken."),
            heatmap("Sync lag", buckets("collab_sync_lag_ms"), "ms", "Operations by the time until a node had them."),
        ]),
        ("Availability", [
            series("Failures of the service", [
                target(f"max by (cluster, region) (collab:availability_failures:ratio_rate{window}{{{CLUSTERS}}})",
                       f"{{{{cluster}}}} {window}") for window in ("5m", "1h", "6h")
            ], "percentunit", "Share of attempts that the service failed at, over several windows.",
                thresholds=steps((1 - AVAILABILITY, "red"), base="green"), width=12),
            series("What clients did wrong", [
                target(rate("collab_ws_messages_rejected_total", "reason"), "message: {{reason}}"),
                target(rate("collab_ws_refused_total", "code") + " > 0", "connection: {{code}}"),
            ], "ops", "Refused messages and connections; not part of the availability.", width=12),
        ]),
    ], VARIABLES, ANNOTATIONS)
