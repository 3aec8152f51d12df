"""Reads every dashboard with Grafana's own model and says what the model does not know or would not accept.

The model (grafana-foundation-sdk) reads leniently: it drops unknown fields and takes any value. So two things are compared:
what it writes again must be what was read, and each value must have the type that the model declares.
"""

import enum
import json
import pathlib
import sys
import types
import typing

import yaml
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import dashboard as model

ROOT = pathlib.Path(__file__).resolve().parents[2] / "Dashboards"
# Known to Grafana 10's panels and data source but not to the model of 10.1: newer options, and what the queries of
# annotations of a data source keep for themselves.
NEWER = {"wideLayout", "cellOptions", "titleFormat", "step"}


def differences(read, written, place=""):
    """What was read and is not written again, or differently. Defaults that the model adds are fine."""
    if isinstance(read, dict) and isinstance(written, dict):
        for key, value in read.items():
            if key in written:
                yield from differences(value, written[key], f"{place}.{key}")
            elif value is not None and key not in NEWER:
                yield f"{place}.{key} is unknown"
    elif isinstance(read, list) and isinstance(written, list) and len(read) == len(written):
        for index, (one, other) in enumerate(zip(read, written)):
            yield from differences(one, other, f"{place}[{index}]")
    elif read != written:
        yield f"{place} is {read!r}, and {written!r} when written again"


def mistyped(value, declared, place=""):
    """Where a value is not of its declared type."""
    origin = typing.get_origin(declared)
    if declared in (object, typing.Any) or isinstance(declared, typing.TypeVar):
        return
    if origin in (typing.Union, types.UnionType):
        kinds = [one for one in typing.get_args(declared) if one is not type(None)]
        if len(kinds) == 1 or type(value) in kinds:
            # Said of the part that is wrong, not of the whole.
            yield from mistyped(value, kinds[0] if len(kinds) == 1 else type(value), place)
        elif not any(not list(mistyped(value, one, place)) for one in kinds):
            yield f"{place} is {value!r}, which is none of {declared}"
    elif origin is typing.Literal:
        if value not in typing.get_args(declared):
            yield f"{place} is {value!r}, not one of {typing.get_args(declared)}"
    elif origin is list:
        if not isinstance(value, list):
            yield f"{place} is no list"
            return
        for index, item in enumerate(value):
            yield from mistyped(item, typing.get_args(declared)[0], f"{place}[{index}]")
    elif origin is dict:
        if not isinstance(value, dict):
            yield f"{place} is no object"
    elif isinstance(declared, type) and issubclass(declared, enum.Enum):
        if value not in [one.value for one in declared]:
            yield f"{place} is {value!r}, not one of {[one.value for one in declared]}"
    elif declared in (int, float, str, bool, type(None)):
        accepted = {float: (int, float), int: int}.get(declared, declared)
        if not isinstance(value, accepted) or (isinstance(value, bool) and declared is not bool):
            yield f"{place} is {value!r}, not {declared.__name__}"
    elif isinstance(declared, type):
        if isinstance(value, dict) and hasattr(declared, "from_json"):
            # The model keeps some objects as they were read.
            made = declared.from_json(value)
            yield from differences(value, json.loads(json.dumps(made, cls=JSONEncoder)), place)
            yield from of_model(made, place)
        elif isinstance(value, (str, int, float, list, dict)) and hasattr(declared, "to_json"):
            yield f"{place} is {value!r}, not {declared.__name__}"
        elif hasattr(value, "to_json"):
            yield from of_model(value, place)


def of_model(value, place):
    """Checks the fields of an object of the model, and of whatever object lies in it."""
    try:
        hints = typing.get_type_hints(type(value))
    except NameError:
        hints = {}
    for name, declared in hints.items():
        item = getattr(value, name, None)
        where = f"{place}.{name.removesuffix('_val')}"
        if item is None:
            continue
        yield from mistyped(item, declared, where)
        # What a panel's kind decides is declared as any object.
        if declared in (object, typing.Any, typing.Optional[object]) and hasattr(item, "to_json"):
            yield from of_model(item, where)
        if isinstance(item, list):
            for index, one in enumerate(item):
                if hasattr(one, "to_json"):
                    yield from of_model(one, f"{where}[{index}]")


def problems(read):
    """Everything that is wrong with a dashboard."""
    made = model.Dashboard.from_json(read)
    yield from differences(read, json.loads(json.dumps(made, cls=JSONEncoder)))
    yield from of_model(made, "")


def own_rules(read, seen):
    """What Grafana needs and its model cannot say."""
    if read["uid"] in seen:
        yield f"uid {read['uid']} is used twice"
    seen.add(read["uid"])
    if len(read["uid"]) > 40:
        yield "a uid has at most 40 characters"
    ids = [panel["id"] for panel in read["panels"]]
    if len(ids) != len(set(ids)):
        yield "two panels have the same id"
    taken = {}
    for panel in read["panels"]:
        grid = panel["gridPos"]
        if grid["x"] + grid["w"] > 24:
            yield f"{panel['title']} is wider than the grid"
        for x in range(grid["x"], grid["x"] + grid["w"]):
            for y in range(grid["y"], grid["y"] + grid["h"]):
                if (x, y) in taken:
                    yield f"{panel['title']} lies on {taken[x, y]}"
                    break
                taken[x, y] = panel["title"]
            else:
                continue
            break


def check_the_check():
    """A check that finds nothing must be able to: three mistakes that it has to see."""
    good = json.loads((ROOT / "dashboards/collab-sli.json").read_text())
    for spoil in (
        lambda one: one.update(titel="x"),
        lambda one: one["panels"][1]["options"].update(colorMode="loud"),
        lambda one: one["panels"][1]["gridPos"].update(w="6"),
    ):
        bad = json.loads(json.dumps(good))
        spoil(bad)
        if not list(problems(bad)):
            yield "the check does not see a mistake that was made on purpose"


def main():
    register_default_plugins()
    found = [f"schema.py: {text}" for text in check_the_check()]
    seen = set()
    for path in sorted((ROOT / "dashboards").glob("*.json")):
        read = json.loads(path.read_text())
        found += [f"{path.name}{text}" for text in dict.fromkeys(problems(read))]
        found += [f"{path.name}: {text}" for text in own_rules(read, seen)]
    for name in ("compose.yaml", "provisioning/dashboards/collab.yml", "provisioning/datasources/prometheus.yml"):
        yaml.safe_load((ROOT / name).read_text())
    for text in found:
        print(text)
    sys.exit(1 if found or not seen else 0)


main()
