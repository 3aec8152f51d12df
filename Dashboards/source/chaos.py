"""What editors notice while things fail. The faults of `collab chaos run --grafana` are drawn over every panel."""

from model import dashboard, limits, series, stat, target, timeline
from promql import ANNOTATIONS, DUPLICATES, OPERATIONS, TARGETS, VARIABLES, by_node, chosen, gauge, increase, quantile, \
    quantiles, rate, refused

UP = [(0, "down", "red"), (1, "up", "green")]
BREAKER = [(0, "closed", "green"), (1, "half open", "orange"), (2, "open", "red")]
DOCUMENTS = 'document_id=~"$document"'

DASHBOARD = dashboard(
    "collab-chaos", "collab: chaos", "What editors notice while things fail.",
    [
        ("", [
            stat("Nodes alive", f"sum(up{{{TARGETS}}})", graph=True),
            stat("Edits per second", rate(OPERATIONS, more='status="success"'), "ops", decimals=1, graph=True),
            stat("Failovers in this time", increase("collab_failovers_total", window="$__range"), decimals=0),
            stat("Slowest failovers (p99)", quantile(0.99, "collab_failover_duration_ms", window="$__range"), "ms",
                 decimals=0, thresholds=limits(10_000, 30_000), empty="no failover"),
            stat("Sent again in this time", increase(DUPLICATES, window="$__range"), decimals=0,
                 description="Operations that arrived twice and were applied once."),
            stat("Fenced appends in this time", increase("collab_fenced_appends_total", window="$__range"), decimals=0,
                 description="Writes of a former owner that were refused."),
        ]),
        ("What editors notice", [
            series("Edits per second, by owner", by_node(lambda by: rate(OPERATIONS, by, 'status="success"')), "ops",
                   stack=True, width=12),
            series("Ack latency", quantiles("collab_operation_latency_ms"), "ms", log=True, width=12),
            series("Held submissions", by_node(lambda by: gauge("collab_held_submissions", by)), "short",
                   "Edits that wait for an owner.", stack=True),
            series("Refused and repeated operations", [
                refused(),
                target(rate(DUPLICATES), "sent again")], "ops"),
            series("Connections, by node", by_node(lambda by: gauge("collab_ws_connections_total", by)), "short",
                   stack=True),
        ]),
        ("What the cluster does", [
            timeline("Nodes", f"max by (node) (up{{{TARGETS}}})", "{{node}}", UP, width=8),
            series("Members, as each node sees them", by_node(lambda by: gauge("collab_members", by)), "short"),
            series("Documents owned, by node", by_node(lambda by: gauge("collab_owned_documents", by)), stack=True),
            series("Failovers, by reason", [target(increase("collab_failovers_total", "reason"), "{{reason}}")],
                   bars=True, stack=True),
            series("Failover duration", quantiles("collab_failover_duration_ms"), "ms", log=True),
            series("Epochs", [target(f"max by (document_id) ({chosen('collab_document_epoch', DOCUMENTS)})",
                                     "{{document_id}}")], "short", "Each step is a change of owner."),
        ]),
        ("What the nodes suffer", [
            series("Lease renewals that failed", by_node(
                lambda by: increase("collab_lease_renewals_total", by, 'result="failure"')), bars=True),
            series("Append errors and fenced appends", [
                target(increase("collab_append_errors_total"), "errors"),
                target(increase("collab_fenced_appends_total"), "fenced")], bars=True),
            series("Connections that ended, by close code",
                   [target(rate("collab_ws_closed_total", "code") + " > 0", "{{code}}")], "ops",
                   "none: the connection was lost without a close."),
            timeline("Breakers", f"max by (server_id, dependency) ({chosen('collab_circuit_breaker_state')})",
                     "{{server_id}} {{dependency}}", BREAKER, width=24, height=6),
        ]),
    ], VARIABLES, ANNOTATIONS)
