import assert from "node:assert/strict";
import { test } from "node:test";

import { formatted, legend } from "../../Dashboards/viewer/format.js";
import { resolved, seconds, stepFor } from "../../Dashboards/viewer/prometheus.js";

test("numbers carry their unit, and a missing one is a dash", () => {
  const cases = [
    [12.345, "ms", undefined, "12.3 ms"], [1500, "ms", undefined, "1.50 s"], [90000, "ms", undefined, "1.5 min"],
    [0.005, "ms", undefined, "5 µs"], [0.9991, "percentunit", 3, "99.910 %"], [2048, "bytes", undefined, "2 KiB"],
    [1536 * 1024, "Bps", undefined, "1.5 MiB/s"], [1234, "ops", undefined, "1.23 K/s"], [0, "short", undefined, "0"],
    [NaN, "ms", undefined, "–"], [null, "short", 2, "–"], [Infinity, "ms", undefined, "∞"], [100, "short", undefined, "100"],
  ];
  for (const [value, unit, decimals, text] of cases) assert.equal(formatted(value, unit, decimals), text);
});

test("a legend is filled with labels, or names them all", () => {
  assert.equal(legend("{{server_id}} {{ missing }}!", { server_id: "node-1" }), "node-1 !");
  assert.equal(legend("", { __name__: "up", node: "node-1", job: "collab" }), "node=node-1, job=collab");
  assert.equal(legend("", {}), "value");
});

test("Grafana's variables get the chosen value, all values, or the span that fits the step", () => {
  const scope = { variables: { node: "node.1", cluster: null }, range: 900, step: 5 };
  assert.equal(resolved('up{n=~"$node",c=~"$cluster"}[$__rate_interval]', scope), 'up{n=~"node\\\\.1",c=~".*"}[6s]');
  assert.equal(resolved("x[$__range] y[$__interval]", scope), "x[900s] y[5s]");
  assert.equal(resolved("x[$__rate_interval]", { ...scope, step: 1 }), "x[4s]");
  assert.equal(resolved("x{a=$unknown}", scope), "x{a=$unknown}");
});

test("a span is drawn with few enough points and not finer than the panel asks", () => {
  assert.equal(stepFor(seconds("15m"), "5s"), 5);
  assert.equal(stepFor(seconds("5m"), "1s"), 2);
  for (const range of ["5m", "1h", "6h", "24h"]) assert.ok(seconds(range) / stepFor(seconds(range), "5s") <= 240);
});
