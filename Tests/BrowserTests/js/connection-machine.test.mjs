import assert from "node:assert/strict";
import test from "node:test";
import { ConnectionMachine } from "../../../Sources/Web/client/connection-machine.js";

const urls = ["http://a", "http://b", "http://c"];

function open(random = () => 1) {
  const machine = new ConnectionMachine({ urls, random });
  assert.deepEqual(machine.start(0), [{ kind: "connect", url: "http://a" }]);
  machine.opened(0);
  return machine;
}

/** Moves the clock until the machine connects again; answers with `[when, url]`. */
function nextAttempt(machine, from) {
  for (let now = from; now < from + 60000; now += 1) {
    const action = machine.tick(now).find(({ kind }) => kind === "connect");
    if (action) return [now, action.url];
  }
  throw new Error("no further attempt");
}

test("a lost session goes to another node at once", () => {
  const machine = open();
  assert.deepEqual(machine.closed(1006, 20000), [{ kind: "connect", url: "http://b" }]);
});

test("a leaving node (1001) is left at once, even early in a session", () => {
  const machine = open();
  machine.closed(1006, 100);
  machine.opened(100);
  assert.deepEqual(machine.closed(1001, 200), [{ kind: "connect", url: "http://c" }]);
});

test("pauses double with each round over the nodes, up to 10 s", () => {
  const machine = open();
  let now = 20000;
  machine.closed(1006, now);
  const pauses = [];
  for (let attempt = 0; attempt < 21; attempt += 1) {
    machine.closed(1006, now);
    const [at] = nextAttempt(machine, now);
    pauses.push(at - now);
    now = at;
  }
  assert.deepEqual(pauses.slice(0, 9), [250, 250, 500, 500, 500, 1000, 1000, 1000, 2000]);
  assert.equal(Math.max(...pauses), 10000);
});

test("half of a pause is random", () => {
  const shortest = open(() => 0);
  shortest.closed(1006, 100);
  shortest.closed(1006, 100);
  assert.equal(nextAttempt(shortest, 100)[0], 225);
});

test("a session that broke early does not start from no delay", () => {
  const machine = open();
  machine.closed(1006, 100);
  machine.opened(110);
  assert.deepEqual(machine.closed(1006, 120), []);
  assert.equal(machine.state, "waiting");
});

test("an overloaded node (1013) is given at least half a second to a second", () => {
  const machine = open();
  assert.deepEqual(machine.closed(1013, 20000), []);
  assert.equal(nextAttempt(machine, 20000)[0], 21000);
});

for (const code of [4401, 4403, 4404, 4408, 4410]) {
  test(`close code ${code} ends it`, () => {
    const machine = open();
    assert.deepEqual(machine.closed(code, 10), [{ kind: "stopped", code }]);
    assert.deepEqual(machine.tick(99999), []);
  });
}

test("three protocol errors in a row end it", () => {
  const machine = open();
  let now = 0;
  for (let strike = 0; strike < 2; strike += 1) {
    machine.closed(1008, now);
    if (machine.state === "waiting") [now] = nextAttempt(machine, now);
    machine.opened(now);
  }
  assert.deepEqual(machine.closed(1008, now), [{ kind: "stopped", code: 1008 }]);
});

test("an idle line is pinged, and lost after 10 s of silence", () => {
  const machine = open();
  assert.deepEqual(machine.tick(3999), []);
  assert.deepEqual(machine.tick(4000), [{ kind: "ping" }]);
  assert.deepEqual(machine.tick(9999), []);
  assert.deepEqual(machine.tick(10000), [{ kind: "lost" }, { kind: "connect", url: "http://b" }]);
});

test("a page whose timers slept asks before it gives a line up", () => {
  const machine = open();
  assert.deepEqual(machine.tick(60000), [{ kind: "ping" }]);
  machine.heard(60010);
  assert.deepEqual(machine.tick(60020), []);
});

test("a socket that does not open in 4 s is given up", () => {
  const machine = new ConnectionMachine({ urls, random: () => 1 });
  machine.start(0);
  assert.deepEqual(machine.tick(4000), [{ kind: "lost" }, { kind: "connect", url: "http://b" }]);
});

test("learned nodes are tried, and the one in use is not forgotten", () => {
  const machine = open();
  machine.learn(["http://d"]);
  assert.deepEqual(machine.urls, ["http://a", "http://d"]);
  assert.deepEqual(machine.closed(1006, 20000), [{ kind: "connect", url: "http://d" }]);
});

test("a user can move to a node, and hurry a pause", () => {
  const machine = open();
  assert.deepEqual(machine.moveTo("http://z", 10), [{ kind: "connect", url: "http://z" }]);
  machine.closed(1006, 20);
  machine.closed(1006, 20);
  assert.equal(machine.state, "waiting");
  assert.equal(machine.hurry(30)[0].kind, "connect");
});
