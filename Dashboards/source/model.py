"""Grafana's dashboard model, as far as these dashboards use it: panels, rows, variables, annotations.

Every function returns plain dictionaries in the form of Grafana 10 (schema version 39). A panel leaves its place and id
open; `dashboard` lays the panels of a row out from left to right in Grafana's grid of 24 columns.
"""

DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}
TAGS = ["collab"]


def target(expr, legend="", instant=False, form="time_series"):
    """One question to Prometheus; its `refId` is given by the panel."""
    return {
        "datasource": DATASOURCE, "editorMode": "code", "expr": expr, "format": form, "instant": instant,
        "legendFormat": legend, "range": not instant, "refId": "",
    }


def steps(*pairs, base="text"):
    """Thresholds: `base` below the first value, then each colour from its value on."""
    return {
        "mode": "absolute",
        "steps": [{"color": base, "value": None}] + [{"color": color, "value": value} for value, color in pairs],
    }


def limits(warning, critical):
    """Green below `warning`, orange from there, red from `critical`."""
    return steps((warning, "orange"), (critical, "red"), base="green")


def floor(critical, good):
    """Red below `critical`, orange up to `good`, green from there."""
    return steps((critical, "orange"), (good, "green"), base="red")


def _panel(kind, title, targets, description, width, height, field, options, interval="5s"):
    for index, one in enumerate(targets):
        one["refId"] = chr(ord("A") + index)
    return {
        "datasource": DATASOURCE, "description": description, "fieldConfig": {"defaults": field, "overrides": []},
        "gridPos": {"h": height, "w": width, "x": 0, "y": 0}, "interval": interval, "options": options,
        "targets": targets, "title": title, "type": kind,
    }


def stat(title, expr, unit="short", description="", thresholds=None, decimals=None, width=4, height=4, graph=False,
         legend="", mappings=None, empty=None):
    """The newest value as a large number; with `graph` over a line of its course."""
    field = {"color": {"mode": "thresholds"}, "thresholds": thresholds or steps(), "unit": unit}
    if decimals is not None:
        field["decimals"] = decimals
    if mappings:
        field["mappings"] = mappings
    if empty is not None:
        field["noValue"] = empty
    options = {
        "colorMode": "value", "graphMode": "area" if graph else "none", "justifyMode": "auto",
        "orientation": "auto", "reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False},
        "textMode": "auto", "wideLayout": True,
    }
    return _panel(
        "stat", title, [target(expr, legend, instant=not graph)], description, width, height, field, options)


def series(title, targets, unit="short", description="", width=8, height=8, stack=False, thresholds=None, top=None,
           bars=False, log=False, decimals=None):
    """Lines over time. Thresholds are drawn as dashed lines."""
    custom = {
        "drawStyle": "bars" if bars else "line", "fillOpacity": 60 if bars else 20 if stack else 0,
        "lineInterpolation": "linear", "lineWidth": 1 if bars or stack else 2, "showPoints": "auto",
        "spanNulls": False, "stacking": {"group": "A", "mode": "normal" if stack else "none"},
        "thresholdsStyle": {"mode": "dashed" if thresholds else "off"},
    }
    if log:
        custom["scaleDistribution"] = {"log": 10, "type": "log"}
    field = {
        "color": {"mode": "palette-classic"}, "custom": custom, "thresholds": thresholds or steps(), "unit": unit,
    }
    if not log:
        field["min"] = 0
    if top is not None:
        field["max"] = top
    if decimals is not None:
        field["decimals"] = decimals
    options = {
        "legend": {"calcs": ["lastNotNull", "max"], "displayMode": "table", "placement": "bottom", "showLegend": True},
        "tooltip": {"mode": "multi", "sort": "desc"},
    }
    return _panel("timeseries", title, targets, description, width, height, field, options)


def heatmap(title, expr, unit="ms", description="", width=12, height=8):
    """How often each bucket of a histogram was met, over time; `expr` keeps the label `le`."""
    field = {"custom": {"hideFrom": {"legend": False, "tooltip": False, "viz": False}}}
    options = {
        "calculate": False, "cellGap": 1, "cellValues": {"unit": "short"},
        "color": {"exponent": 0.5, "fill": "dark-orange", "mode": "scheme", "reverse": True, "scale": "exponential",
                  "scheme": "Blues", "steps": 64},
        "exemplars": {"color": "rgba(255,0,255,0.7)"}, "filterValues": {"le": 1e-9}, "legend": {"show": True},
        "rowsFrame": {"layout": "auto"}, "showValue": "never", "tooltip": {"show": True, "yHistogram": True},
        "yAxis": {"axisPlacement": "left", "reverse": False, "unit": unit},
    }
    return _panel("heatmap", title, [target(expr, "{{le}}", form="heatmap")], description, width, height, field, options)


def timeline(title, expr, legend, states, description="", width=12, height=8):
    """Coloured bars of states over time; `states` are (value, text, colour), ordered by value."""
    mapping = {
        "type": "value",
        "options": {str(value): {"color": color, "index": index, "text": text}
                    for index, (value, text, color) in enumerate(states)},
    }
    field = {
        "color": {"mode": "thresholds"}, "custom": {"fillOpacity": 80, "lineWidth": 0}, "mappings": [mapping],
        "thresholds": steps(*[(value, color) for value, _, color in states[1:]], base=states[0][2]),
    }
    options = {
        "alignValue": "left", "legend": {"displayMode": "list", "placement": "bottom", "showLegend": False},
        "mergeValues": True, "rowHeight": 0.8, "showValue": "never", "tooltip": {"mode": "single", "sort": "none"},
    }
    return _panel("state-timeline", title, [target(expr, legend)], description, width, height, field, options)


def table(title, columns, values, description="", width=12, height=8, units=None, sort=None):
    """Newest values of several questions, joined by their labels.

    `columns` are (label, heading); `values` are (heading, expression), and all answers have exactly these labels. A
    value without a heading is not shown.
    `units` are the units of headings.
    """
    targets = [target(expr, instant=True, form="table") for _, expr in values]
    names = [f"Value #{chr(ord('A') + index)}" for index in range(len(values))] if len(values) > 1 else ["Value"]
    organize = {
        "excludeByName": {"Time": True} | {name: True for name, (heading, _) in zip(names, values) if not heading},
        "indexByName": {name: index for index, name in enumerate([label for label, _ in columns] + names)},
        "renameByName": {label: heading for label, heading in columns}
        | {name: heading for name, (heading, _) in zip(names, values) if heading},
    }
    field = {"custom": {"align": "auto", "cellOptions": {"type": "auto"}, "inspect": False}, "thresholds": steps()}
    options = {
        "cellHeight": "sm", "footer": {"countRows": False, "reducer": ["sum"], "show": False},
        "showHeader": True,
    }
    if sort:
        options["sortBy"] = [{"desc": True, "displayName": sort}]
    panel = _panel("table", title, targets, description, width, height, field, options)
    panel["transformations"] = [{"id": "merge", "options": {}}, {"id": "organize", "options": organize}]
    panel["fieldConfig"]["overrides"] = [
        {"matcher": {"id": "byName", "options": heading}, "properties": [{"id": "unit", "value": unit}]}
        for heading, unit in (units or {}).items()
    ]
    return panel


def text(content, width=24, height=3):
    """Words of explanation, in Markdown."""
    return {
        "gridPos": {"h": height, "w": width, "x": 0, "y": 0},
        "options": {"code": {"language": "plaintext", "showLineNumbers": False, "showMiniMap": False},
                    "content": content, "mode": "markdown"},
        "title": "", "transparent": True, "type": "text",
    }


def variable(name, label, question):
    """A choice of several values, all of them at first. A series without the label belongs to all."""
    return {
        "allValue": ".*", "current": {"selected": True, "text": ["All"], "value": ["$__all"]},
        "datasource": DATASOURCE, "hide": 0, "includeAll": True, "label": label, "multi": True,
        "name": name, "options": [], "query": {"query": question, "refId": name}, "refresh": 2, "regex": "",
        "skipUrlSync": False, "sort": 1, "type": "query",
    }


def events(name, expr, title, color, enabled=True):
    """Annotations from Prometheus: one wherever the expression has an answer."""
    return {
        "datasource": DATASOURCE, "enable": enabled, "expr": expr, "hide": False, "iconColor": color, "name": name,
        "step": "5s", "titleFormat": title,
    }


def tagged(name, tags, color):
    """Annotations that were posted to Grafana with all these tags."""
    return {
        "datasource": {"type": "grafana", "uid": "-- Grafana --"}, "enable": True, "hide": False, "iconColor": color,
        "name": name, "target": {"limit": 100, "matchAny": False, "tags": tags, "type": "tags"},
    }


def dashboard(uid, title, description, rows, variables, annotations, span="15m"):
    """A dashboard of rows, which are (title, panels); a row without a title has no heading."""
    datasource = {
        "current": {}, "hide": 0, "includeAll": False, "label": "Prometheus", "multi": False, "name": "datasource",
        "options": [], "query": "prometheus", "refresh": 1, "regex": "", "skipUrlSync": False, "type": "datasource",
    }
    links = [{
        "asDropdown": True, "icon": "external link", "includeVars": True, "keepTime": True, "tags": TAGS,
        "targetBlank": False, "title": "collab", "tooltip": "", "type": "dashboards", "url": "",
    }]
    return {
        "annotations": {"list": annotations}, "description": description, "editable": True, "graphTooltip": 1,
        "links": links, "panels": _laid_out(rows), "refresh": "5s", "schemaVersion": 39, "tags": TAGS,
        "templating": {"list": [datasource] + variables}, "time": {"from": f"now-{span}", "to": "now"},
        "timezone": "browser", "title": title, "uid": uid, "version": 1, "weekStart": "",
    }


def _laid_out(rows):
    panels, y = [], 0

    def add(panel, x, width, height):
        panels.append(panel | {"gridPos": {"h": height, "w": width, "x": x, "y": y}, "id": len(panels) + 1})

    for title, content in rows:
        if title:
            add({"collapsed": False, "panels": [], "title": title, "type": "row"}, 0, 24, 1)
            y += 1
        x = line = 0
        for panel in content:
            width, height = panel["gridPos"]["w"], panel["gridPos"]["h"]
            if x + width > 24:
                x, y, line = 0, y + line, 0
            add(panel, x, width, height)
            x, line = x + width, max(line, height)
        y += line
    return panels
