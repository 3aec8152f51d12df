import assert from "node:assert/strict";
import test from "node:test";
import { documentDigest } from "../../../Sources/Web/client/digest.js";
import { DocumentServer } from "./support/document-server.mjs";
import { SimulatedEditor } from "./support/network.mjs";
import { Delta, plain } from "./support/quill-delta.mjs";
import { Random, runSeed } from "./support/random.mjs";

const runs = Number(process.env.RUNS ?? 60);

/** Every typed character is another one, so that each can be found again, or found twice. */
function makeAlphabet() {
  let next = 0x4e00;
  return () => {
    if (next === 0xa000) next = 0xac00;
    return String.fromCharCode(next++);
  };
}

function randomEdit(random, editor, typed, mayDelete) {
  const length = editor.length();
  const position = random.below(length);
  const kind = random.below(mayDelete ? 6 : 4);
  const change = new Delta().retain(position);
  if (kind <= 2) {
    const text = Array.from({ length: 1 + random.below(4) }, typed).join("");
    const attributes = random.pick([undefined, undefined, { bold: true }, { color: "red", italic: true }]);
    return change.insert(text, attributes);
  }
  if (kind === 3) {
    const attributes = random.pick([{ bold: true }, { bold: null }, { color: "blue" }, { header: 1 }]);
    return change.retain(1 + random.below(length - position), attributes).chop();
  }
  // The last line end stays, as in any editor.
  const most = length - 1 - position;
  if (most < 1) return new Delta();
  const removed = 1 + random.below(Math.min(5, most));
  return kind === 4 ? change.delete(removed) : change.insert({ image: typed() }).delete(removed);
}

function run(seed, { mayDelete, oversize = 0 }) {
  const random = new Random(seed);
  const limit = oversize > 0 ? 400 : random.pick([200, 700, 100000]);
  const server = new DocumentServer({ Delta, maximumOperationBytes: limit });
  const editors = [];
  for (let index = 0; index < 2 + random.below(4); index += 1) {
    editors.push(new SimulatedEditor({ Delta, server, peers: editors, name: `c${index}` }));
  }
  const alphabet = makeAlphabet();
  const typed = [];
  const type = () => {
    typed.push(alphabet());
    return typed.at(-1);
  };
  let now = 0;
  for (let step = 0; step < 250; step += 1) {
    now += random.below(40);
    const editor = random.pick(editors);
    const roll = random.next();
    if (editor.toServer === null && roll < 0.5) editor.connect(now, { refuseResume: random.chance(0.2) });
    else if (editor.editor !== null && oversize > 0 && random.chance(oversize)) {
      const position = random.below(editor.editor.length());
      editor.edit(new Delta().retain(position).insert({ image: "=".repeat(limit) }), now);
    } else if (editor.editor !== null && roll < 0.45) {
      const change = randomEdit(random, editor.editor, type, mayDelete);
      if (change.ops.length > 0) editor.edit(change, now);
    } else if (roll < 0.68 && editor.toServer?.length > 0) editor.deliverToServer();
    else if (roll < 0.93 && editor.toClient?.length > 0) editor.deliverToClient(now);
    else if (roll < 0.95) editor.disconnect();
    else if (roll < 0.96) editor.reload();
    else if (roll < 0.97 && editor.machine.live) editor.resync("slow");
    else if (roll < 0.98) {
      now += 6000;
      for (const each of editors) each.tick(now);
    } else editor.tick(now);
  }
  settle(editors, now);
  return { server, editors, typed };
}

/** Delivers everything until nobody has anything to say. */
function settle(editors, start) {
  let now = start;
  for (const editor of editors) if (editor.toServer === null) editor.connect(now);
  for (let round = 0; round < 2000; round += 1) {
    let isQuiet = true;
    now += 1000;
    for (const editor of editors) {
      while (editor.toClient.length > 0) { editor.deliverToClient(now); isQuiet = false; }
      while (editor.toServer.length > 0) { editor.deliverToServer(); isQuiet = false; }
      editor.tick(now);
      if (editor.machine.hasUnsaved && !editor.machine.refusal) isQuiet = false;
    }
    if (isQuiet && !editors.some((editor) => editor.machine.refusal)) return;
    if (isQuiet) for (const editor of editors) editor.discardUnsaved();
  }
  throw new Error("the editors never come to rest");
}

function characters(ops) {
  return ops.flatMap((op) => (typeof op.insert === "string" ? op.insert.split("") : op.insert ? [op.insert.image] : []));
}

function checkConverged({ server, editors }, context, problems = []) {
  const expected = plain(server.content);
  for (const editor of editors) {
    assert.deepEqual(plain(editor.editor), expected, `${editor.name}'s editor, ${context}`);
    assert.deepEqual(plain(editor.machine.baseContent), expected, `${editor.name}'s base, ${context}`);
    assert.equal(documentDigest(editor.machine.baseContent.ops), server.digest, context);
    assert.equal(editor.machine.version, server.version, context);
    assert.deepEqual(editor.problems.filter(({ code }) => !problems.includes(code)), [], context);
    assert.equal(editor.oversizeFrames, 0, `${editor.name} sent what it had been told is too large, ${context}`);
  }
  const identifiers = server.log.map((entry) => `${entry.clientId}/${entry.operationId}`);
  assert.equal(new Set(identifiers).size, identifiers.length, `an operation was applied twice, ${context}`);
}

test("editors converge with the server through lost lines, reloads, resends and resyncs", () => {
  const first = runSeed();
  for (let seed = first; seed < first + runs; seed += 1) {
    checkConverged(run(seed, { mayDelete: true }), `SEED=${seed} RUNS=1`);
  }
});

test("every character that was typed is in the document exactly once", () => {
  const first = runSeed();
  for (let seed = first; seed < first + runs; seed += 1) {
    const context = `SEED=${seed} RUNS=1`;
    const result = run(seed, { mayDelete: false });
    checkConverged(result, context);
    const found = characters(plain(result.server.content)).filter((unit) => unit !== "\n").sort();
    assert.deepEqual(found, [...result.typed].sort(), context);
  }
});

test("pictures that are too large are never sent, and hold up no other character", () => {
  const first = runSeed();
  for (let seed = first; seed < first + runs; seed += 1) {
    const context = `SEED=${seed} RUNS=1`;
    const result = run(seed, { mayDelete: false, oversize: 0.03 });
    checkConverged(result, context, ["too_large"]);
    const found = characters(plain(result.server.content)).filter((unit) => unit !== "\n").sort();
    assert.deepEqual(found, [...result.typed].sort(), context);
  }
});
