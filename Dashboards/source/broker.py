"""RabbitMQ and the change feed, under the reference's metric names where it has one."""

from dependencies import dependency
from model import dashboard, limits, series, stat, table, target, text
from promql import ANNOTATIONS, VARIABLES, by_node, depths, gauge, quantile, quantiles, rate

PUBLISH = "collab_queue_publish_latency_ms"
PUBLISHED = "collab_changes_published_total"
WAITING = "collab_changes_waiting_documents"

DASHBOARD = dashboard(
    "collab-broker", "collab: broker", "The change feed: publishing and queues.",
    [
        ("", [text("Every durable operation is published to RabbitMQ where nodes have one (`--rabbitmq`), and then "
                   "waits in the queues that are bound. **Without a broker the queues are empty.**", height=2)]),
        ("", [
            stat("Messages in queues", f"sum({depths()})", thresholds=limits(100, 1000), graph=True, width=6),
            stat("Deepest queue", f"max({depths()})", thresholds=limits(100, 1000), graph=True, width=6),
            stat("Publish p95", quantile(0.95, PUBLISH), "ms", thresholds=limits(25, 100), decimals=1, graph=True,
                 width=6, empty="nothing published"),
            stat("Documents behind", gauge(WAITING), decimals=0, graph=True, width=6,
                 description="With operations that the broker does not have."),
        ]),
        ("Queues", [
            series("Queue Depth", [target(depths('queue_name=~"op.broadcast.*"'), "{{queue_name}}")],
                   description="Queues that get every change.", thresholds=limits(100, 1000), width=12),
            series("Other queues", [target(depths('queue_name!~"op.broadcast.*"'), "{{queue_name}}")],
                   description="`doc.failed` has what consumers rejected.", width=12),
            table("Queues", [("queue_name", "queue")], [("messages", depths())], width=24, height=6, sort="messages"),
        ]),
        ("Publishing", [
            series("Publish latency", quantiles(PUBLISH), "ms",
                   "From sending a message until the broker has confirmed it and those that were sent with it."),
            series("Published per second", by_node(lambda by: rate(PUBLISHED, by)), "ops", stack=True),
            series("Documents behind, by node", by_node(lambda by: gauge(WAITING, by)),
                   description="With operations that the broker does not have.", stack=True),
        ]),
        ("RabbitMQ", dependency("rabbitmq", "RabbitMQ")),
    ], VARIABLES, ANNOTATIONS)
