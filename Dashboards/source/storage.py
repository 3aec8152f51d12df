"""PostgreSQL, which holds the log, and Redis, which holds the leases."""

from dependencies import dependency
from model import dashboard, limits, series, stat, target, timeline
from promql import ANNOTATIONS, VARIABLES, by_node, chosen, gauge, increase, quantile, quantiles, rate

BREAKER = [(0, "closed", "green"), (1, "half open", "orange"), (2, "open", "red")]
SUMMARY = [
    stat("Append p95", quantile(0.95, "collab_append_latency_ms"), "ms", decimals=1, graph=True,
         description="One append to the log, its commit included."),
    stat("Appends per second", rate("collab_append_latency_ms_count"), "ops", decimals=1, graph=True),
    stat("Oldest edit not durable", f"max({chosen('collab_append_lag_ms')})", "ms", decimals=0, graph=True,
         thresholds=limits(250, 1000)),
    stat("Append errors in this time", increase("collab_append_errors_total", window="$__range"), decimals=0,
         thresholds=limits(1, 10)),
    stat("Failed snapshots in this time", increase("collab_snapshots_total", more='result="failure"', window="$__range"),
         decimals=0, thresholds=limits(1, 3)),
    stat("Failed lease renewals in this time",
         increase("collab_lease_renewals_total", more='result="failure"', window="$__range"), decimals=0,
         thresholds=limits(1, 3)),
]
LOG = [
    series("Append latency", quantiles("collab_append_latency_ms"), "ms"),
    series("Oldest edit not durable, by node", by_node(lambda by: f"max by ({by}) ({chosen('collab_append_lag_ms')})"),
           "ms", "0 when nothing waits.", thresholds=limits(250, 1000)),
    series("Waiting for the log",
           by_node(lambda by: gauge("collab_runtime_queue_depth", by, 'queue="log_writer"')), "short",
           "Operations handed to the log writer and not yet durable.", stack=True),
    series("Appends per second, by node", by_node(lambda by: rate("collab_append_latency_ms_count", by)), "ops",
           stack=True),
    series("Operations per append", quantiles("collab_append_batch_operations"), "short"),
    series("Append errors", by_node(lambda by: increase("collab_append_errors_total", by)), bars=True),
    series("Snapshots, by result", [target(increase("collab_snapshots_total", "result"), "{{result}}")], bars=True,
           stack=True),
    series("Snapshot duration", quantiles("collab_snapshot_duration_ms"), "ms"),
    series("Free disk", [
        target("min by (server_id) (" + chosen("collab_disk_available_bytes") + " / " + chosen("collab_disk_size_bytes")
               + ")", "{{server_id}}")], "percentunit", "Of the filesystem a node works in."),
]

DASHBOARD = dashboard(
    "collab-storage", "collab: storage and coordination", "The log in PostgreSQL and the leases in Redis.",
    [
        ("", SUMMARY), ("The log", LOG), ("PostgreSQL", dependency("postgres", "PostgreSQL")),
        ("Redis", dependency("redis", "Redis") + [
            series("Lease renewals", [target(rate("collab_lease_renewals_total", "result"), "{{result}}")], "ops"),
            series("Lease renewal latency", quantiles("collab_lease_renewal_latency_ms"), "ms"),
            series("Lease renewals that failed, by node",
                   by_node(lambda by: increase("collab_lease_renewals_total", by, 'result="failure"')), bars=True),
        ]),
        ("Circuit breakers", [
            timeline("Breakers", f"max by (server_id, dependency) ({chosen('collab_circuit_breaker_state')})",
                     "{{server_id}} {{dependency}}", BREAKER,
                     "open: waits before it tries again. half open: tries.", 24, 7)]),
    ], VARIABLES, ANNOTATIONS)
