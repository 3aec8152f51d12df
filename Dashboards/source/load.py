"""A load test from the cluster's side: what came in, what it took and what it cost."""

from model import dashboard, heatmap, limits, series, stat, target
from promql import ANNOTATIONS, OPERATIONS, VARIABLES, buckets, by_node, gauge, mean, quantile, quantiles, rate

CPU = rate("process_cpu_seconds_total", more='job="collab"')
MEMORY = gauge("process_resident_memory_bytes", more='job="collab"')
SUCCESS = rate(OPERATIONS, more='status="success"')
SUMMARY = [
    stat("Operations per second", SUCCESS, "ops", decimals=0, graph=True),
    stat("Editors connected", gauge("collab_ws_connections_total"), graph=True),
    stat("Ack p99", quantile(0.99, "collab_operation_latency_ms"), "ms", decimals=1, graph=True,
         thresholds=limits(50, 100)),
    stat("Sync lag p99", quantile(0.99, "collab_sync_lag_ms"), "ms", decimals=1, graph=True,
         thresholds=limits(100, 250)),
    stat("Operations per core second", f"{SUCCESS} / {CPU}", "short", decimals=0, graph=True,
         description="Of all nodes' CPU time together."),
    stat("Memory per connection",
         f"{MEMORY} / ({gauge('collab_ws_connections_total')} > 0)",
         "bytes", decimals=0, graph=True, description="Resident memory of all nodes by their open connections.",
         empty="nobody connected"),
]

DASHBOARD = dashboard(
    "collab-load", "collab: load test", "A load test from the cluster's side: what came in, what it took, what it cost.",
    [
        ("", SUMMARY),
        ("What came in and how long it took", [
            series("Operations per second, by owner", by_node(lambda by: rate(OPERATIONS, by, 'status="success"')),
                   "ops", stack=True),
            series("Ack latency", quantiles("collab_operation_latency_ms"), "ms", log=True),
            series("Sync lag", quantiles("collab_sync_lag_ms"), "ms", log=True),
            heatmap("Ack latency, distribution", buckets("collab_operation_latency_ms")),
            heatmap("Sync lag, distribution", buckets("collab_sync_lag_ms")),
        ]),
        ("What it cost", [
            series("CPU", by_node(lambda by: rate("process_cpu_seconds_total", by, 'job="collab"')), "short",
                   "1 is one core.", stack=True),
            series("Resident memory", by_node(lambda by: gauge("process_resident_memory_bytes", by, 'job="collab"')),
                   "bytes", stack=True),
            series("Sent to clients", by_node(lambda by: rate("collab_ws_sent_bytes_total", by)), "Bps", stack=True),
        ]),
        ("Where it gets tight", [
            series("Event loop lag p99", by_node(lambda by: quantile(0.99, "collab_event_loop_lag_ms", by)), "ms",
                   "How late timers fire.", thresholds=limits(25, 100)),
            series("Queues", [target(gauge("collab_runtime_queue_depth", "queue"), "{{queue}}")], "short",
                   "log_writer: operations. peer_outbound and session_outbound: what waits to be sent."),
            series("Operations per append", [target(mean("collab_append_batch_operations"), "mean"),
                                             target(quantile(0.99, "collab_append_batch_operations"), "p99")],
                   "short", "Batches grow with the load.", decimals=1),
            series("Append latency", quantiles("collab_append_latency_ms"), "ms"),
            series("Transform time p99, by operations transformed over",
                   [target(quantile(0.99, "collab_transform_latency_ms", "concurrent_ops"), "{{concurrent_ops}}")],
                   "ms"),
            series("Slow clients", [target(rate("collab_ws_outbox_full_total"), "outbox full"),
                                    target(rate("collab_slow_sessions_total"), "resynced or closed")], "ops"),
        ]),
    ], VARIABLES, ANNOTATIONS)
