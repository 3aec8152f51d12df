"""What an edit goes through, from the socket of its author to those of the readers."""

from model import dashboard, heatmap, limits, series, stat, target
from promql import ANNOTATIONS, DUPLICATES, OPERATIONS, VARIABLES, buckets, by_node, chosen, gauge, mean, quantile, \
    quantiles, rate, refused

DOCUMENTS = 'document_id=~"$document"'
SUMMARY = [
    stat("Edits per second", rate(OPERATIONS, more='status="success"'), "ops", decimals=1, graph=True),
    stat("Ack p95", quantile(0.95, "collab_operation_latency_ms"), "ms", decimals=1, graph=True,
         thresholds=limits(50, 100)),
    stat("Owner p95", quantile(0.95, "collab_owner_latency_ms"), "ms", decimals=1, graph=True,
         description="From the arrival at the owner until the operation was durable."),
    stat("Sync lag p95", quantile(0.95, "collab_sync_lag_ms"), "ms", decimals=1, graph=True,
         thresholds=limits(100, 250)),
    stat("Transform p99", quantile(0.99, "collab_transform_latency_ms"), "ms", decimals=2, graph=True,
         thresholds=limits(10, 25)),
    stat("Active documents", gauge("collab_active_documents"), graph=True,
         description="Documents with sessions, each counted once, by its owner."),
]
STAGES = [
    series("Latency by stage p95", [target(quantile(0.95, "collab_stage_latency_ms", "stage"), "{{stage}}")], "ms",
           "receive: until the owner's machine has it. transform, apply, persist. broadcast: until it is written to the "
           "sockets of a node.", width=12),
    series("Latency by stage, mean", [
        target(f"{rate('collab_stage_latency_ms_sum', 'stage')} / {rate('collab_stage_latency_ms_count', 'stage')}",
               "{{stage}}")], "ms", "Stacked: where the time of an average edit goes.", stack=True, width=12),
    series("Ack latency", quantiles("collab_operation_latency_ms"), "ms",
           "At the gateway: the way to the owner, the commit and the way back."),
    series("Latency at the owner", quantiles("collab_owner_latency_ms"), "ms"),
    series("Sync lag", quantiles("collab_sync_lag_ms"), "ms",
           "From the commit at the owner until a node's sessions had it. Exact where clocks are the same."),
    heatmap("Ack latency, distribution", buckets("collab_operation_latency_ms")),
    heatmap("Sync lag, distribution", buckets("collab_sync_lag_ms")),
]
TRANSFORM = [
    series("Transform time p95, by operations transformed over",
           [target(quantile(0.95, "collab_transform_latency_ms", "concurrent_ops"), "{{concurrent_ops}}")], "ms"),
    series("Transform time per second",
           by_node(lambda by: rate("collab_transform_latency_ms_sum", by)), "ms",
           "How much of each second a node transforms and applies; 1000 is one core."),
    series("Operations transformed over", quantiles("collab_transform_concurrent_operations"), "short",
           "How many operations stood between a submission and the newest version."),
]
FLOW = [
    series("Edits per second, by owner", by_node(lambda by: rate(OPERATIONS, by, 'status="success"')), "ops",
           stack=True),
    series("Refused and repeated operations", [
        refused(),
        target(rate(DUPLICATES), "sent again")], "ops"),
    series("Operations and documents per append", [
        target(mean("collab_append_batch_operations"), "operations"),
        target(mean("collab_append_batch_documents"), "documents")], "short",
        "Batch sizes: what one commit carries.", decimals=1),
    series("Resyncs, by reason", [target(rate("collab_resyncs_total", "reason"), "{{reason}}")], "ops",
           "Sessions that were sent the whole content again."),
    series("Slow clients", [target(rate("collab_ws_outbox_full_total"), "outbox full"),
                            target(rate("collab_slow_sessions_total"), "resynced or closed")], "ops",
           "Sessions that could not keep up."),
    series("Messages per second", [target(rate("collab_ws_messages_received_total"), "received"),
                                   target(rate("collab_ws_messages_sent_total"), "sent")], "ops"),
]
DOCUMENT = [
    series("Busiest documents", [
        target(f"topk(10, {rate('collab_document_operations_total', 'document_id', DOCUMENTS)})", "{{document_id}}")],
        "ops", "Operations per second; all but the busiest are under other.", width=12),
    series("Sessions of the busiest documents", [
        target(f"topk(10, {gauge('collab_document_sessions', 'document_id', DOCUMENTS)})", "{{document_id}}")],
        "short", width=12),
    series("Versions per second", [
        target(f"topk(10, max by (document_id) (deriv({chosen('collab_document_version', DOCUMENTS)}[1m])))",
               "{{document_id}}")], "ops", "How fast documents grow, from their versions.", width=12),
    series("Sessions, by node", by_node(lambda by: gauge("collab_ws_connections_total", by)), "short", stack=True,
           width=12),
]

DASHBOARD = dashboard(
    "collab-editing", "collab: editing", "What an edit goes through, and where its time goes.",
    [("", SUMMARY), ("Where the time goes", STAGES), ("Transforming", TRANSFORM), ("Flow", FLOW),
     ("Documents", DOCUMENT)], VARIABLES, ANNOTATIONS)
