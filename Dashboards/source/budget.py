"""How fast the error budgets of 30 days are used up."""

from model import dashboard, floor, series, stat, steps, table, target, text
from promql import ACK_MS, ANNOTATIONS, AVAILABILITY, CLUSTERS, DUPLICATES, FAILED, FAST_SHARE, LAG_MS, OPERATIONS, \
    VARIABLES, le, total

# A ratio over its budget; above these a page or a ticket is due, see alerts.yml.
BURN = steps((1, "orange"), (6, "red"), base="green")
FAILING = "collab:availability_failures:ratio_rate"
SLOW = "collab:latency_slow:ratio_rate"
LATE = "collab:lag_slow:ratio_rate"
LOST = 1 - AVAILABILITY
UNEVEN = 1 - FAST_SHARE
WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")


def burn(ratio, window, budget):
    return f"max by (cluster, region) ({ratio}{window}{{{CLUSTERS}}}) / {budget:.3g}"


def burns(ratio, budget):
    return [target(burn(ratio, window, budget), f"{{{{cluster}}}} {window}") for window in ("5m", "1h", "6h", "3d")]


def sums(selector):
    return total(f"increase({OPERATIONS}{{{CLUSTERS},{selector}}}[30d])")


def histogram(metric, bound):
    bucket, count = f'{metric}_bucket{{{CLUSTERS},{le(bound)}}}', f"{metric}_count{{{CLUSTERS}}}"
    return f"1 - (1 - sum(increase({bucket}[30d])) / sum(increase({count}[30d]))) / {UNEVEN:.3g}"


AGAIN = total(f"increase({DUPLICATES}{{{CLUSTERS}}}[30d])")
SUCCEEDED = 'status="success"'
LEFT = f"1 - {sums(FAILED)} / ({sums(SUCCEEDED)} + {sums(FAILED)} + {AGAIN}) / {LOST:.3g}"
BUDGET = floor(0, 0.25)


def matrix(ratio, budget):
    return [(window, f"max by (cluster, region) ({ratio}{window}{{{CLUSTERS}}}) / {budget:.3g}") for window in WINDOWS]


DASHBOARD = dashboard(
    "collab-budget", "collab: error budgets", "How fast the error budgets of 30 days are used up.",
    [
        ("", [text(
            f"A burn rate of **1** uses the budget of 30 days up in exactly 30 days. Objectives: {AVAILABILITY:.1%} of the "
            f"operations are answered; {FAST_SHARE:.0%} of the acknowledgements within {ACK_MS} ms; {FAST_SHARE:.0%} "
            f"of the operations with everybody within {LAG_MS} ms. A page is due at 14.4 over an hour or 6 over six "
            "hours, a ticket at 3 over a day or 1 over three days, each only while a short window confirms it.")]),
        ("Left of the budget of 30 days", [
            stat("Availability budget left", LEFT, "percentunit", thresholds=BUDGET, decimals=1, width=8,
                 description="1 is untouched, below 0 the objective is missed.", empty="no operations"),
            stat("Latency budget left", histogram("collab_operation_latency_ms", ACK_MS), "percentunit",
                 thresholds=BUDGET, decimals=1, width=8, empty="no operations"),
            stat("Sync lag budget left", histogram("collab_sync_lag_ms", LAG_MS), "percentunit", thresholds=BUDGET,
                 decimals=1, width=8, empty="no operations"),
        ]),
        ("Burn rates", [
            series("Availability", burns(FAILING, LOST), "short", thresholds=BURN, decimals=2),
            series("Latency", burns(SLOW, UNEVEN), "short", thresholds=BURN, decimals=2),
            series("Sync lag", burns(LATE, UNEVEN), "short", thresholds=BURN, decimals=2),
        ]),
        ("Burn rates of all windows", [
            table("Availability, by window", [("cluster", "cluster"), ("region", "region")], matrix(FAILING, LOST),
                  width=24, height=4),
            table("Latency, by window", [("cluster", "cluster"), ("region", "region")], matrix(SLOW, UNEVEN),
                  width=24, height=4),
            table("Sync lag, by window", [("cluster", "cluster"), ("region", "region")], matrix(LATE, UNEVEN),
                  width=24, height=4),
        ]),
        ("Alerts", [
            table("Alerts now", [("alertname", "alert"), ("severity", "severity"), ("alertstate", "state"),
                                 ("server_id", "node")],
                  [("", 'max by (alertname, severity, alertstate, server_id) (ALERTS)')], width=12),
            series("Alerts over time", [target("sum by (alertname) (ALERTS{alertstate=\"firing\"})", "{{alertname}}")],
                   "short", stack=True, bars=True, width=12),
        ]),
    ], VARIABLES, ANNOTATIONS, span="1h")
