"""Alerts. The first five are the reference document's ("Alert Thresholds") with their expressions corrected."""

from promql import AVAILABILITY, FAST_SHARE, le

BY = "cluster, region"


def alert(name, expr, lasting, severity, summary, description):
    """An alert with its page in runbooks/."""
    rule = {"alert": name, "expr": expr}
    if lasting:
        rule["for"] = lasting
    return rule | {
        "labels": {"severity": severity},
        "annotations": {
            "summary": summary, "description": description, "runbook_url": f"Dashboards/runbooks/{name}.md",
        },
    }


def burning(ratio, budget, pairs):
    """True while the budget burns faster than `factor` in a long and in a short window (Site Reliability Workbook,
    "Multiwindow, Multi-Burn-Rate Alerts")."""
    return "\nor\n".join(
        f"(\n  {ratio}{long} > {factor} * {budget}\n  and\n  {ratio}{short} > {factor} * {budget}\n)"
        for factor, long, short in pairs)


FAST = ((14.4, "1h", "5m"), (6, "6h", "30m"))
SLOW = ((3, "1d", "2h"), (1, "3d", "6h"))
LOST = f"{1 - AVAILABILITY:.3f}"
LATE = f"{1 - FAST_SHARE:.2f}"

REFERENCE = [
    alert(
        "HighOperationLatency", "collab:operation_latency_ms:p95_rate5m > 100", "2m", "warning",
        "Operation latency exceeds 100ms at p95",
        "Acknowledgements of {{ $labels.cluster }} take {{ $value | printf \"%.0f\" }} ms at the 95th percentile."),
    alert(
        "HighErrorRate", "collab:operation_errors:ratio_rate5m > 0.01", "5m", "critical", "Error rate exceeds 1%",
        "{{ $value | humanizePercentage }} of the operations on {{ $labels.cluster }} are refused."),
    alert(
        "QueueBacklog", f"max by ({BY}, queue_name) (collab_queue_depth) > 1000", "5m", "warning",
        "RabbitMQ queue depth exceeds 1000 messages",
        "{{ $labels.queue_name }} holds {{ $value | printf \"%.0f\" }} messages."),
    # Without any node there is no series, so that the sum is not 0 but nothing.
    alert(
        "NoConnections", "collab:ws_connections:sum == 0\nor\nabsent(collab_ws_connections_total)", "1m", "critical",
        "No WebSocket connections - service may be down", "Nobody is connected to {{ $labels.cluster }}."),
    alert(
        "TransformSlowdown", "collab:transform_latency_ms:p99_rate5m > 25", "5m", "warning",
        "OT transform taking >25ms at p99",
        "A turn of a document transforms for {{ $value | printf \"%.1f\" }} ms at the 99th percentile."),
]

CLUSTER = [
    alert(
        "NodeDown", 'up{job="collab"} == 0', "30s", "critical", "A node does not answer",
        "{{ $labels.node }} has not answered Prometheus for 30 s."),
    alert(
        "MembersDisagree", f"max by ({BY}) (collab_members) != min by ({BY}) (collab_members)", "1m", "warning",
        "Nodes see different members",
        "Nodes of {{ $labels.cluster }} do not agree who is alive: up to {{ $value }} members."),
    alert(
        "DocumentsWithoutOwner", f"sum by ({BY}) (min_over_time(collab_held_submissions[15s])) > 0", "15s", "critical",
        "Edits wait for an owner",
        "{{ $value | printf \"%.0f\" }} edits wait at gateways because nobody owns their documents."),
    alert(
        "FailoverTooSlow",
        f"sum by ({BY}) (increase(collab_failover_duration_ms_count[10m]))\n-\n"
        f"sum by ({BY}) (increase(collab_failover_duration_ms_bucket{{{le(10_000)}}}[10m]))\n> 0.5", None, "warning",
        "A failover took more than 10 s",
        "{{ $value | printf \"%.0f\" }} documents were without an owner for more than 10 s; 30 s is the objective."),
    alert(
        "FencedAppends", f"sum by ({BY}, server_id) (increase(collab_fenced_appends_total[5m])) > 0", None, "warning",
        "A former owner tried to write",
        "{{ $labels.server_id }} was refused {{ $value | printf \"%.0f\" }} appends: another node owns the document."),
    alert(
        "LeaseRenewalFailing",
        f"sum by ({BY}, server_id) (increase(collab_lease_renewals_total{{result=\"failure\"}}[1m])) >= 2", None,
        "critical", "A node cannot renew its lease",
        "{{ $labels.server_id }} failed to renew its lease; it loses its documents when the lease ends."),
    alert(
        "EventLoopBlocked",
        f"histogram_quantile(0.99, sum by (le, {BY}, server_id) (rate(collab_event_loop_lag_ms_bucket[1m]))) > 100",
        "1m", "warning", "Event loops are late",
        "Timers of {{ $labels.server_id }} fire {{ $value | printf \"%.0f\" }} ms late at the 99th percentile."),
]

STORAGE = [
    alert(
        "CircuitBreakerOpen",
        "min_over_time(collab_circuit_breaker_state{dependency!=\"rabbitmq\"}[15s]) > 0", "15s", "critical",
        "A dependency cannot be reached", "{{ $labels.server_id }} cannot reach {{ $labels.dependency }}."),
    alert(
        "LogLag", "min_over_time(collab_append_lag_ms[15s]) > 1000", "15s", "critical", "Edits wait for the log",
        "The oldest edit on {{ $labels.server_id }} has waited {{ $value | printf \"%.0f\" }} ms to become durable."),
    # Editing does not wait for the broker, so that it is not among those above.
    alert(
        "ChangesHeldBack",
        "collab_changes_waiting_documents > 0\nand increase(collab_changes_published_total[2m]) == 0", "2m", "warning",
        "Changes are not published",
        "{{ $labels.server_id }} has published nothing of {{ $value | printf \"%.0f\" }} documents for two minutes."),
    alert(
        "AppendErrors", f"sum by ({BY}, server_id) (increase(collab_append_errors_total[5m])) > 0", "1m", "warning",
        "Appends to the log fail",
        "{{ $labels.server_id }} failed {{ $value | printf \"%.0f\" }} appends in 5 minutes; they are tried again."),
    alert(
        "SnapshotFailures", f"sum by ({BY}, server_id) (increase(collab_snapshots_total{{result=\"failure\"}}[15m])) >= 3",
        None, "warning", "Snapshots fail",
        "{{ $labels.server_id }} failed {{ $value | printf \"%.0f\" }} snapshots in 15 minutes; opening documents slows down."),
    alert(
        "DiskSpaceLow", "collab_disk_available_bytes / collab_disk_size_bytes < 0.1", "1m", "warning",
        "Less than 10% of a disk is free",
        "{{ $labels.server_id }} has {{ $value | humanizePercentage }} of its disk left."),
    alert(
        "DiskSpaceExhausted", "collab_disk_available_bytes / collab_disk_size_bytes < 0.02", "1m", "critical",
        "Less than 2% of a disk is free",
        "{{ $labels.server_id }} has {{ $value | humanizePercentage }} of its disk left."),
]

FAILING = "collab:availability_failures:ratio_rate"
SLOW_ACKS = "collab:latency_slow:ratio_rate"
BUDGETS = [
    alert(
        "AvailabilityBudgetBurnsFast", burning(FAILING, LOST, FAST), "1m", "critical",
        "The error budget of 30 days would be gone within 5 days",
        "{{ $value | humanizePercentage }} of the operations on {{ $labels.cluster }} fail."),
    alert(
        "AvailabilityBudgetBurnsSlowly", burning(FAILING, LOST, SLOW), "15m", "warning",
        "The error budget will not last 30 days",
        "{{ $value | humanizePercentage }} of the operations on {{ $labels.cluster }} fail."),
    alert(
        "LatencyBudgetBurnsFast", burning(SLOW_ACKS, LATE, FAST), "1m", "critical",
        "The latency budget of 30 days would be gone within 5 days",
        "{{ $value | humanizePercentage }} of the acknowledgements on {{ $labels.cluster }} take more than 50 ms."),
    alert(
        "LatencyBudgetBurnsSlowly", burning(SLOW_ACKS, LATE, SLOW), "15m", "warning",
        "The latency budget will not last 30 days",
        "{{ $value | humanizePercentage }} of the acknowledgements on {{ $labels.cluster }} take more than 50 ms."),
]

GROUPS = [
    {"name": name, "interval": "5s", "rules": found}
    for name, found in (
        ("collab-editor", REFERENCE), ("collab-cluster", CLUSTER), ("collab-storage", STORAGE),
        ("collab-budgets", BUDGETS))
]
