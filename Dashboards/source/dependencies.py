"""The servers that a node asks, as it sees them."""

from model import series, target
from promql import gauge, increase, quantile, rate


def dependency(name, title):
    """Three panels of one server, which metrics call `name`."""
    prefix = f"collab_{name}"
    return [
        series(f"{title} request duration p95",
               [target(quantile(0.95, f"{prefix}_request_duration_ms", "kind"), "{{kind}}")], "ms"),
        series(f"{title} requests per second",
               [target(rate(f"{prefix}_request_duration_ms_count", "kind"), "{{kind}}")], "ops", stack=True),
        series(f"{title} connections and errors", [
            target(gauge(f"{prefix}_connections", "state"), "{{state}}"),
            target(increase(f"{prefix}_errors_total", "kind") + " > 0", "errors: {{kind}}")], "short"),
    ]
