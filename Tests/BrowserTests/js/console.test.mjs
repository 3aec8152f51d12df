import assert from "node:assert/strict";
import test from "node:test";
import { ConsoleConnection } from "../../../Sources/Web/console/console-connection.js";
import { ConsoleState, historyPoints, selectDocuments } from "../../../Sources/Web/console/console-state.js";
import { drainWords } from "../../../Sources/Web/console/drain-dialog.js";
import { bytes, causeWords, clock, count, percent, rate, short, span } from "../../../Sources/Web/console/formats.js";
import { PacedSearch } from "../../../Sources/Web/console/paced-search.js";
import { areaUnder, epochBands, roundTop, sparkline, stackedAreas } from "../../../Sources/Web/console/graph-shape.js";

const node = (number, fields = {}) => ({
  id: `node-${number}`, incarnation: String(number), url: `http://127.0.0.1:900${number}`, state: "active", draining: false,
  documents: 2, sessions: 3, capacity: 100, since: null, message: null, startedAt: 0, editsPerSecond: 5, processors: 0.2,
  memoryBytes: 1e7, ...fields,
});
const doc = (id, fields = {}) => ({ id, title: `Title ${id}`, owner: "node-1", epoch: 1, version: 4, sessions: 1, editsPerSecond: 2, ...fields });
const move = (document, epoch, fields = {}) => ({
  document, title: null, cause: "refused", from: "node-1", to: "node-2", epoch, version: 1, at: 1000 * epoch,
  takeoverMicroseconds: 1000, gapMicroseconds: null, ...fields,
});
const whole = (fields = {}) => ({ type: "state", at: 1000, cluster: "test", self: "node-1", nodes: [], documents: [], moves: [], ...fields });
const changes = (fields = {}) => ({ type: "changes", at: 2000, nodes: [], removedNodes: [], documents: [], removedDocuments: [], moves: [], ...fields });

test("a state and its changes make the cluster", () => {
  const state = new ConsoleState();
  state.take(whole({ nodes: [node(10), node(2)], documents: [doc("a"), doc("b")] }));
  state.take(changes({ nodes: [node(3)], removedNodes: ["node-2"], documents: [doc("a", { version: 9 })], removedDocuments: ["b"] }));
  assert.deepEqual(state.sortedNodes.map(({ id }) => id), ["node-3", "node-10"]);
  assert.deepEqual([...state.documents.values()].map(({ id, version }) => [id, version]), [["a", 9]]);
  assert.deepEqual(state.totals, { active: 2, members: 2, documents: 4, sessions: 6, editsPerSecond: 10 });
  state.take({ type: "of a later version" });
  assert.equal(state.at, 2000);
});

test("a node that the next node does not know is gone, and forgotten after ten minutes", () => {
  const state = new ConsoleState();
  state.take(whole({ nodes: [node(1), node(2)] }));
  state.take(whole({ at: 5000, self: "node-2", nodes: [node(2)] }));
  const gone = state.nodes.get("node-1");
  assert.deepEqual([gone.state, gone.since, gone.documents, gone.editsPerSecond], ["gone", 5000, 0, null]);
  assert.equal(state.totals.members, 1);
  state.take(whole({ at: 605_000, self: "node-2", nodes: [node(2)] }));
  assert.equal(state.nodes.has("node-1"), false);
});

test("an unknown rate is not told as none", () => {
  const state = new ConsoleState();
  state.take(whole({ nodes: [node(1, { editsPerSecond: null })] }));
  assert.equal(state.totals.editsPerSecond, null);
  assert.equal(state.history.length, 0);
});

test("the history and the moves are bounded, the newest stay", () => {
  const state = new ConsoleState();
  state.take(whole({ nodes: [node(1)] }));
  for (let second = 1; second <= 400; second += 1) {
    state.take(changes({ at: 1000 + second * 1000, nodes: [node(1)], moves: [move("a", second)] }));
  }
  assert.equal(state.history.length, historyPoints);
  assert.equal(state.history.at(-1).at, 401_000);
  assert.equal(state.moves.length, 200);
  assert.equal(state.moves[0].epoch, 400);
});

test("a move that is told again is one move, and failovers are told from handoffs", () => {
  const state = new ConsoleState();
  state.take(whole({ at: 10_000, moves: [move("a", 2), move("b", 3, { cause: "handoff" })] }));
  state.take(whole({ at: 10_000, moves: [move("a", 2, { gapMicroseconds: 80_000 })] }));
  assert.equal(state.moves.length, 2);
  assert.deepEqual(state.movesWithin(60_000), { failovers: 1, handoffs: 1, longestGap: 80_000 });
  assert.deepEqual(state.movesWithin(7500), { failovers: 0, handoffs: 1, longestGap: null });
});

test("documents are ordered by what they did lately, not by one second", () => {
  const state = new ConsoleState();
  state.take(whole({ documents: [doc("a", { editsPerSecond: 10 }), doc("b", { editsPerSecond: 4 })] }));
  state.take(changes({ documents: [doc("a", { editsPerSecond: 3 })] }));
  assert.deepEqual(selectDocuments([...state.documents.values()], []).map(({ id }) => id), ["a", "b"]);
  for (let again = 0; again < 8; again += 1) state.take(changes());
  assert.deepEqual(selectDocuments([...state.documents.values()], []).map(({ id }) => id), ["b", "a"], "also while nothing is told of it");
});

test("the search finds by title and by the beginning of the id, live documents first known as such", () => {
  const live = [doc("aaa", { title: "Budget" }), doc("bbb", { title: null })];
  const found = [{ id: "ccc", title: "Old budget", owner: null, epoch: 3, version: 7 }, doc("aaa", { title: "Budget", sessions: 99 })];
  assert.deepEqual(selectDocuments(live, found, { text: "BUDG" }).map(({ id, sessions }) => [id, sessions]), [["aaa", 1], ["ccc", null]]);
  assert.deepEqual(selectDocuments(live, found, { text: "bb" }).map(({ id }) => id), ["bbb"]);
  assert.deepEqual(selectDocuments(live, found).map(({ id }) => id), ["aaa", "bbb"], "without a text nothing is added");
  assert.deepEqual(selectDocuments(live, found, { text: "budget", order: "version", descending: false }).map(({ id }) => id), ["aaa", "ccc"]);
  assert.equal(selectDocuments(live, [], { limit: 1 }).length, 1);
});

test("a search is asked for only when the one before was answered, and then for what is wanted last", async () => {
  const asked = [];
  const told = [];
  let timer = null;
  const fire = () => {
    const act = timer;
    timer = null;
    return act?.();
  };
  const search = new PacedSearch({
    search: (text) => new Promise((resolve, reject) => asked.push({ text, resolve, reject })), tell: (answer) => told.push(answer),
    timers: { setTimeout: (act) => (timer = act), clearTimeout: () => (timer = null) },
  });
  for (const text of ["b", "bu", "bud"]) search.want(text);
  const first = fire();
  for (const text of ["budg", "budget"]) search.want(text);
  assert.equal(timer, null, "an answer is outstanding");
  asked[0].resolve(["old"]);
  await first;
  assert.deepEqual(told, [], "nobody wants that answer any more");
  const second = fire();
  asked[1].resolve(["new"]);
  await second;
  assert.deepEqual(told, [{ found: ["new"] }]);
  search.want("x");
  const third = fire();
  asked[2].reject("down");
  await third;
  assert.deepEqual(told[1], { failure: "down" });
  search.want("y");
  const fourth = fire();
  search.want("");
  asked[3].resolve([]);
  await fourth;
  assert.equal(timer, null, "an empty text is not asked for");
  assert.deepEqual([asked.map(({ text }) => text), told.length], [["bud", "budget", "x", "y"], 2]);
});

/** Sockets and a clock that do what the test says. */
function bench(nodes = ["http://127.0.0.1:9001"]) {
  const sockets = [];
  const timers = new Map();
  let last = 0;
  const connection = new ConsoleConnection({
    node: nodes[0], identity: { user: "u", name: "N" },
    makeSocket: (url, protocol) => {
      const socket = { url, protocol, isClosed: false, close() { this.isClosed = true; } };
      sockets.push(socket);
      return socket;
    },
    timers: {
      setTimeout: (act, milliseconds) => {
        last += 1;
        timers.set(last, { act, milliseconds });
        return last;
      },
      clearTimeout: (id) => timers.delete(id),
    },
  });
  connection.setNodes(nodes);
  const fire = () => {
    const [[id, { act, milliseconds }]] = [...timers].sort(([, a], [, b]) => a.milliseconds - b.milliseconds);
    timers.delete(id);
    act();
    return milliseconds;
  };
  connection.open();
  return { connection, sockets, timers, fire, say: (message) => sockets.at(-1).onmessage({ data: JSON.stringify(message) }) };
}

test("it opens the console's WebSocket as the user", () => {
  const { sockets } = bench();
  assert.equal(sockets[0].url, "ws://127.0.0.1:9001/api/console?user=u&name=N");
  assert.equal(sockets[0].protocol, "collab.console.v1");
});

test("when its node is lost it goes to the next member at once, and says which was lost", () => {
  const { connection, sockets, fire, say } = bench(["http://127.0.0.1:9001", "http://127.0.0.1:9002"]);
  say(whole());
  assert.equal(connection.status, "live");
  sockets[0].onclose({ code: 1006 });
  assert.deepEqual([connection.status, connection.node, connection.lost], ["lost", "http://127.0.0.1:9002", "http://127.0.0.1:9001"]);
  assert.equal(fire(), 0);
  say(whole());
  assert.deepEqual([connection.status, connection.lost], ["live", "http://127.0.0.1:9001"]);
});

test("members whose URL cannot be used are passed over", () => {
  const { connection, sockets, fire, say } = bench(["http://127.0.0.1:9001"]);
  say(whole());
  connection.setNodes(["editor.example:3001", "", "javascript:1", "http://a b", null, "http://127.0.0.1:9002"]);
  sockets[0].onclose({ code: 1006 });
  assert.equal(connection.node, "http://127.0.0.1:9002");
  fire();
  sockets[1].onclose({ code: 1006 });
  assert.equal(connection.node, "http://127.0.0.1:9001");
});

test("a node that is silent for five seconds is lost", () => {
  const { connection, sockets, fire, say } = bench(["http://127.0.0.1:9001", "http://127.0.0.1:9002"]);
  say(whole());
  assert.equal(fire(), 5000);
  assert.equal(sockets[0].isClosed, true);
  assert.equal(connection.node, "http://127.0.0.1:9002");
  sockets[0].onmessage({ data: "{}" });
  assert.equal(connection.status, "lost", "what a former socket says late does not count");
});

test("while no node answers it goes around them with growing pauses", () => {
  const { sockets, fire } = bench(["http://127.0.0.1:9001", "http://127.0.0.1:9002"]);
  const pauses = [];
  for (let attempt = 0; attempt < 14; attempt += 1) {
    sockets.at(-1).onclose({ code: 1006 });
    pauses.push(fire());
  }
  assert.deepEqual(pauses, [0, 0, 500, 500, 1000, 1000, 2000, 2000, 4000, 4000, 4000, 4000, 4000, 4000]);
  assert.deepEqual(sockets.slice(0, 3).map(({ url }) => new URL(url).port), ["9001", "9002", "9001"]);
});

test("a refusal is not tried again until the user does", () => {
  const { connection, sockets, timers } = bench();
  sockets[0].onclose({ code: 4403 });
  assert.deepEqual([connection.status, connection.refusal, timers.size], ["refused", "forbidden", 0]);
  connection.retry();
  assert.equal(sockets.length, 2);
});

test("a node that comes back is not called lost", () => {
  const { connection, sockets, fire, say } = bench();
  say(whole());
  sockets[0].onclose({ code: 1001 });
  fire();
  say(whole());
  assert.deepEqual([connection.status, connection.lost], ["live", null]);
});

test("the axis ends at a round number", () => {
  assert.deepEqual([0, 0.2, 1, 1.5, 3, 7, 10, 11, 480].map(roundTop), [1, 1, 1, 2, 5, 10, 10, 20, 500]);
});

test("areas lie one upon the other", () => {
  const history = [{ at: 0, rates: new Map([["a", 1], ["b", 3]]) }, { at: 10, rates: new Map([["a", 2]]) }];
  const { areas, top } = stackedAreas(history, ["a", "b", "c"], { from: 0, to: 10 }, { width: 100, height: 50 });
  assert.equal(top, 5);
  assert.equal(areas[0].path, "M0 40L100 30L100 50L0 50Z");
  assert.equal(areas[1].path, "M0 10L100 30L100 30L0 40Z");
  assert.equal(areas[2].path, "", "who did nothing has no area");
});

test("a spark line has a gap where nothing is known", () => {
  assert.equal(sparkline([0, null, 2, 1], 5, { width: 40, height: 10 }), "M10 10M30 0L40 5");
});

test("the area under a spark line reaches the bottom and has its gaps", () => {
  assert.equal(areaUnder("M10 10M30 0L40 5", { height: 10 }), "M10 10L10 10L10 10ZM30 10L30 0L40 5L40 10Z");
  assert.equal(areaUnder("", { height: 10 }), "");
});

test("epochs become stretches of time, cut to what is shown", () => {
  const epochs = [
    { epoch: 3, owner: "c", since: "1970-01-01T00:00:08Z", firstAt: null }, { epoch: 2, owner: null, since: null, firstAt: "1970-01-01T00:00:04Z" },
    { epoch: 1, owner: "a", since: "1970-01-01T00:00:00Z", firstAt: null },
  ];
  assert.deepEqual(epochBands(epochs, { from: 2000, to: 9000 }), [
    { epoch: 1, owner: "a", from: 2000, to: 4000 }, { epoch: 2, owner: null, from: 4000, to: 8000 }, { epoch: 3, owner: "c", from: 8000, to: 9000 },
  ]);
});

test("numbers and times read as operators expect, and what is unknown is a dash", () => {
  assert.deepEqual([count(null), rate(null), percent(null), bytes(null), span(null), short(null)], Array(6).fill("–"));
  assert.deepEqual([count(12_345), rate(0), rate(3.14), rate(31.4), percent(0.235)], ["12,345", "0", "3.1", "31", "24 %"]);
  assert.deepEqual([bytes(0), bytes(999), bytes(1500), bytes(84e6), bytes(3.2e9)], ["0 B", "999 B", "1.5 kB", "84 MB", "3.2 GB"]);
  assert.deepEqual([span(0), span(61_000), span(3_600_000), span(90_061_000)], ["0 s", "1 min 1 s", "1 h", "1 d 1 h"]);
  assert.deepEqual([short(400), short(1500), short(84_000), short(2_500_000)], ["400 µs", "1.5 ms", "84 ms", "2.5 s"]);
  assert.equal(causeWords("refused"), "process gone");
  const noon = new Date(2026, 0, 2, 12, 0, 0).getTime();
  assert.equal(clock(noon, noon), "12:00:00");
  assert.match(clock(noon, noon + 86_400_000), /^2 Jan 12:00:00$/u);
});

test("who drains a node is told what happens, and that the last one cannot hand anything over", () => {
  const [title, text, verb] = drainWords(node(2, { documents: 1, sessions: 1 }), "drain", 2);
  assert.equal(title, "Drain node-2?");
  assert.match(text, /hands its document over .* Its 1 session stays connected/u);
  assert.equal(verb, "Drain");
  assert.match(drainWords(node(2), "drain", 0)[1], /nowhere to go/u);
  assert.deepEqual(drainWords(node(2), "undrain", 0), ["Take node-2 back?", "node-2 is given documents again.", "Undrain"]);
});
