"""RabbitMQ, under the reference's metric names."""

from model import dashboard, limits, series, stat, table, target, text
from promql import ANNOTATIONS, VARIABLES, quantile, quantiles, rate

DEPTH = "collab_queue_depth"
PUBLISH = "collab_queue_publish_latency_ms"

DASHBOARD = dashboard(
    "collab-broker", "collab: broker", "Queues and publishing.",
    [
        ("", [text("The cluster runs without a broker until one is configured: **these panels are empty until then.** "
                   "Their metrics are the reference's.", height=2)]),
        ("", [
            stat("Messages in queues", f"sum({DEPTH})", thresholds=limits(100, 1000), graph=True, width=8),
            stat("Deepest queue", f"max({DEPTH})", thresholds=limits(100, 1000), graph=True, width=8),
            stat("Publish p95", quantile(0.95, PUBLISH), "ms", thresholds=limits(25, 100), decimals=1, graph=True,
                 width=8),
            series("Queue Depth", [target(f'{DEPTH}{{queue_name=~"op.broadcast.*"}}', "{{queue_name}}")],
                   description="Broadcast queues.", thresholds=limits(100, 1000), width=12),
            series("Other queues", [target(f'{DEPTH}{{queue_name!~"op.broadcast.*"}}', "{{queue_name}}")], width=12),
            series("Publish latency", quantiles(PUBLISH), "ms", width=12),
            series("Published per second", [target(rate(f"{PUBLISH}_count", "server_id"), "{{server_id}}")], "ops",
                   stack=True, width=12),
            table("Queues", [("queue_name", "queue")], [("messages", f"max by (queue_name) ({DEPTH})")], width=24,
                  height=6, sort="messages"),
        ]),
    ], VARIABLES, ANNOTATIONS)
