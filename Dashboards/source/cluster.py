"""Who is alive, who owns what, and how ownership moves."""

from model import dashboard, limits, series, stat, table, target, timeline
from promql import ANNOTATIONS, CLUSTERS, TARGETS, VARIABLES, by_node, chosen, gauge, increase, quantile, quantiles, rate

DOCUMENTS = 'document_id=~"$document"'
UP = [(0, "down", "red"), (1, "up", "green")]
ALIVE = [
    stat("Nodes alive", f"sum(up{{{TARGETS}}})", description="Nodes that answered the last scrape.", graph=True),
    stat("Members", f"max({chosen('collab_members')})", description="Live nodes by the cluster's own view.", graph=True),
    stat("Documents owned", gauge("collab_owned_documents"), graph=True),
    stat("Connections", gauge("collab_ws_connections_total"), graph=True),
    stat("Failovers in this time", increase("collab_failovers_total", window="$__range"), decimals=0,
         description="Documents that were taken over from an owner that was gone."),
    stat("Handoffs in this time", increase("collab_handoffs_total", more='result="success"', window="$__range"),
         decimals=0, description="Documents that one node gave to another."),
]
OWNING = [
    timeline("Nodes", f"max by (node) (up{{{TARGETS}}})", "{{node}}", UP, "Whether a node answered the scrape.", 8),
    series("Documents owned, by node", by_node(lambda by: gauge("collab_owned_documents", by)), stack=True),
    series("Placement balance",
           [target(f"max by (cluster) (collab:owned_documents:imbalance{{{CLUSTERS}}})", "{{cluster}}")], "short",
           "Documents of the fullest node by the mean of all. 1 is even.", thresholds=limits(1.5, 2), decimals=2),
    table("Documents and their owners", [("document_id", "document"), ("server_id", "owner")],
          [("epoch", f"max by (document_id, server_id) ({chosen('collab_document_epoch', DOCUMENTS)})"),
           ("version", f"max by (document_id, server_id) ({chosen('collab_document_version', DOCUMENTS)})")],
          "The busiest documents. The epoch counts changes of owner.", 16, 9, sort="version"),
    series("Epochs", [target(f"max by (document_id) ({chosen('collab_document_epoch', DOCUMENTS)})",
                             "{{document_id}}")], "short", "Each step is a change of owner.", height=9),
]
MOVES = [
    series("Failovers, by reason", [target(increase("collab_failovers_total", "reason"), "{{reason}}")], "short",
           "refused: the process was gone. expired: its lease ran out. unreachable: it could not be reached.",
           bars=True, stack=True),
    series("Failover duration", quantiles("collab_failover_duration_ms"), "ms",
           "From the loss of an owner until another node served the document.", thresholds=limits(10_000, 30_000)),
    series("Handoffs, by result", [target(increase("collab_handoffs_total", "result"), "{{result}}")], bars=True,
           stack=True),
    series("Handoff duration", quantiles("collab_handoff_duration_ms"), "ms",
           "From the last submission taken until the successor confirmed."),
    series("Activation duration", quantiles("collab_activation_duration_ms"), "ms",
           "Becoming the owner of a document, for whatever reason."),
    series("Held submissions", by_node(lambda by: gauge("collab_held_submissions", by)), "short",
           "Operations that wait at a gateway for an owner.", stack=True),
    series("Fenced appends", by_node(lambda by: increase("collab_fenced_appends_total", by)), "short",
           "Appends of an owner whose epoch had passed. Each was refused.", bars=True),
    series("Lease renewals", [target(rate("collab_lease_renewals_total", "result"), "{{result}}")], "ops"),
    series("Lease renewal latency p99",
           by_node(lambda by: quantile(0.99, "collab_lease_renewal_latency_ms", by)), "ms"),
]
PROCESSES = [
    series("CPU", by_node(lambda by: rate("process_cpu_seconds_total", by, 'job="collab"')), "short",
           "1 is one core.", width=6),
    series("Resident memory", by_node(lambda by: gauge("process_resident_memory_bytes", by, 'job="collab"')), "bytes",
           width=6),
    series("Open file descriptors", by_node(lambda by: gauge("process_open_fds", by, 'job="collab"')), width=6),
    series("Open streams to owners", by_node(lambda by: gauge("collab_peer_streams", by)), width=6),
    series("HTTP requests per second", [target(rate("collab_http_requests_total", "status"), "{{status}}")], "reqps",
           width=12),
    table("Builds", [("server_id", "node"), ("version", "version")],
          [("", f"max by (server_id, version) ({chosen('collab_build_info')})")], "What each node runs.", 12),
    series("Spans", [target(rate("collab_spans_exported_total"), "exported"),
                     target(rate("collab_spans_dropped_total", "reason"), "dropped: {{reason}}"),
                     target(rate("collab_span_export_failures_total"), "requests that failed")], "ops",
           "queue_full: the collector is too slow. tail_limit: more slow or failed operations than are recorded.",
           width=12),
    series("Log lines not written", by_node(lambda by: rate("collab_log_lines_suppressed_total", by)), "ops",
           "Of events that repeat too often.", width=12),
]

DASHBOARD = dashboard(
    "collab-cluster", "collab: cluster", "Who is alive, who owns what, and how ownership moves.",
    [("", ALIVE), ("Who is alive and who owns what", OWNING), ("Changes of owner", MOVES), ("Processes", PROCESSES)],
    VARIABLES, ANNOTATIONS)
