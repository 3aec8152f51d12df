"""Recording rules: what the dashboards and the alerts ask often, summed over the nodes of a cluster."""

from promql import ACK_MS, DUPLICATES, FAILED, LAG_MS, OPERATIONS, le

BY = "cluster, region"
# Of the alerts on error budgets: each long window has a short one that ends the alert soon after the trouble.
WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")


def ratio(part, whole, window):
    """The share of `part` in `whole` (sums of counters), by cluster and region."""
    def rates(counters):
        return " + ".join(f"sum by ({BY}) (rate({counter}[{window}]))" for counter in counters)
    return f"({rates(part)})\n/\n({rates(whole)})"


def slow(histogram, bound, window):
    """The share of a histogram above one of its bounds."""
    return (
        f"1 - sum by ({BY}) (rate({histogram}_bucket{{{le(bound)}}}[{window}]))\n"
        f"/\nsum by ({BY}) (rate({histogram}_count[{window}]))")


def recorded(name, expr):
    return {"record": name, "expr": expr}


def quantile(q, histogram, window="5m", by=BY):
    return f"histogram_quantile({q}, sum by (le, {by}) (rate({histogram}_bucket[{window}])))"


FAILURES = [f"{OPERATIONS}{{{FAILED}}}"]
ATTEMPTS = [f'{OPERATIONS}{{status="success"}}', f"{OPERATIONS}{{{FAILED}}}", DUPLICATES]

CURRENT = [
    recorded("collab:operations:rate1m", f"sum by ({BY}, status, code) (rate({OPERATIONS}[1m]))"),
    recorded(
        "collab:operation_errors:ratio_rate5m",
        ratio([f'{OPERATIONS}{{status!="success"}}'], [OPERATIONS, DUPLICATES], "5m")),
    recorded("collab:operation_latency_ms:p50_rate5m", quantile(0.5, "collab_operation_latency_ms")),
    recorded("collab:operation_latency_ms:p95_rate5m", quantile(0.95, "collab_operation_latency_ms")),
    recorded("collab:operation_latency_ms:p99_rate5m", quantile(0.99, "collab_operation_latency_ms")),
    recorded("collab:sync_lag_ms:p95_rate5m", quantile(0.95, "collab_sync_lag_ms")),
    recorded("collab:transform_latency_ms:p99_rate5m", quantile(0.99, "collab_transform_latency_ms")),
    recorded("collab:ws_connections:sum", f"sum by ({BY}) (collab_ws_connections_total)"),
    recorded(
        "collab:owned_documents:imbalance",
        f"max by ({BY}) (collab_owned_documents)\n/\n(avg by ({BY}) (collab_owned_documents) > 0)"),
]

GROUPS = [
    {"name": "collab-current", "interval": "5s", "rules": CURRENT},
    {
        "name": "collab-objectives", "interval": "15s",
        "rules": [
            recorded(f"collab:availability_failures:ratio_rate{window}", ratio(FAILURES, ATTEMPTS, window))
            for window in WINDOWS
        ] + [
            recorded(f"collab:latency_slow:ratio_rate{window}", slow("collab_operation_latency_ms", ACK_MS, window))
            for window in WINDOWS
        ] + [
            recorded(f"collab:lag_slow:ratio_rate{window}", slow("collab_sync_lag_ms", LAG_MS, window))
            for window in WINDOWS
        ],
    },
]
