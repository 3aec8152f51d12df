"""What the dashboards and the rules ask, written once: selectors, rates, quantiles, the objectives."""

from model import events, tagged, target, variable

WINDOW = "$__rate_interval"
# Of every series of a node. Clusters and regions are labels of the scraped targets, `server_id` is written by the node.
NODES = 'cluster=~"$cluster",region=~"$region",server_id=~"$node"'
# Of what Prometheus itself says of a target, which has no `server_id` while the node does not answer.
TARGETS = 'job="collab",cluster=~"$cluster",region=~"$region",node=~"$node"'
# Of recorded series, which are sums over the nodes of a cluster.
CLUSTERS = 'cluster=~"$cluster",region=~"$region"'

# The objectives of the reference document, "SLI Targets".
ACK_MS = 50
LAG_MS = 100
AVAILABILITY = 0.999
RECOVERY_MS = 30_000
# Of all operations: the objective speaks of the 95th percentile.
FAST_SHARE = 0.95

# What the service failed at. Everything else that is refused is the client's own: bad input, no permission, too large,
# too fast, a base version that is too far back or not durable yet (which is no `apply_error`).
FAILED = 'status="apply_error",code="unavailable"'
OPERATIONS = "collab_operations_total"
DUPLICATES = "collab_duplicate_operations_total"


def chosen(metric, more="", scope=NODES):
    """The series of a metric on the chosen nodes."""
    return f"{metric}{{{scope}{',' + more if more else ''}}}"


def le(bound):
    """Selects a histogram's bucket. Prometheus 2 keeps the bound as the node writes it, Prometheus 3 as `50.0`."""
    return f'le=~"{bound}(\\\\.0)?"'


def total(expr, by=""):
    """A sum; with `by` one for each value of these labels."""
    return f"sum by ({by}) ({expr})" if by else f"sum({expr})"


def rate(metric, by="", more="", window=WINDOW):
    """How often in a second."""
    return total(f"rate({chosen(metric, more)}[{window}])", by)


def increase(metric, by="", more="", window=WINDOW):
    """How often in the window."""
    return total(f"increase({chosen(metric, more)}[{window}])", by)


def gauge(metric, by="", more=""):
    """The sum of a gauge."""
    return total(chosen(metric, more), by)


def depths(more=""):
    """The messages in each queue of the broker, which every node measures."""
    return f"max by (queue_name) ({chosen('collab_queue_depth', more)})"


def quantile(q, metric, by="", more="", window=WINDOW):
    """A quantile of a histogram over all chosen nodes together; with `by` one for each value of these labels."""
    labels = f"le, {by}" if by else "le"
    return f"histogram_quantile({q}, sum by ({labels}) (rate({chosen(metric + '_bucket', more)}[{window}])))"


def quantiles(metric, more=""):
    """Three lines: the median, the 95th and the 99th percentile."""
    return [target(quantile(q, metric, more=more), name) for q, name in ((0.5, "p50"), (0.95, "p95"), (0.99, "p99"))]


def buckets(metric, more=""):
    """For a heatmap."""
    return total(f"increase({chosen(metric + '_bucket', more)}[{WINDOW}])", "le")


def mean(metric, more=""):
    """The mean of a histogram."""
    return f"{rate(metric + '_sum', more=more)} / {rate(metric + '_count', more=more)}"


def refused(window=WINDOW):
    """One line for each way in which operations were refused."""
    return target(rate(OPERATIONS, "status, code", 'status!="success"', window) + " > 0", "{{status}}: {{code}}")


def by_node(expr_of):
    """One line for each node."""
    return [target(expr_of("server_id"), "{{server_id}}")]


VARIABLES = [
    variable("cluster", "Cluster", "label_values(up{job=\"collab\"}, cluster)"),
    variable("region", "Region", "label_values(up{job=\"collab\",cluster=~\"$cluster\"}, region)"),
    variable("node", "Node", f"label_values(up{{job=\"collab\",{CLUSTERS}}}, node)"),
    variable("document", "Document", f"label_values({chosen('collab_document_version')}, document_id)"),
]

ANNOTATIONS = [
    events(
        "Failovers", f"sum by (server_id) (changes({chosen('collab_failovers_total')}[5s])) > 0",
        "failover to {{server_id}}", "red"),
    events("Nodes that stopped answering", f"up{{{TARGETS}}} == 0 and up{{{TARGETS}}} offset 5s == 1",
           "{{node}} is gone", "orange"),
    tagged("Faults", ["collab", "chaos"], "purple"),
]
