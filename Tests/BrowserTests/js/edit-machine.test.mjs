import assert from "node:assert/strict";
import test from "node:test";
import { documentDigest } from "../../../Sources/Web/client/digest.js";
import { EditMachine } from "../../../Sources/Web/client/edit-machine.js";
import { DraftStore } from "../../../Sources/Web/client/draft-store.js";
import { Delta, plain } from "./support/quill-delta.mjs";

/** A machine that has had its `init`, and the editor that it drives. */
function opened({ content = [{ insert: "abc\n" }], version = 5, ...rest } = {}) {
  let count = 0;
  const machine = new EditMachine({ Delta, makeOperationId: () => `op${(count += 1)}` });
  const harness = { machine, editor: null, sent: [], problems: [] };
  harness.perform = (actions) => {
    for (const action of actions) {
      if (action.kind === "send") harness.sent.push(action.message);
      else if (action.kind === "reset") harness.editor = action.content;
      else if (action.kind === "change") harness.editor = harness.editor.compose(action.delta);
      else if (action.kind === "problem") harness.problems.push(action.code);
    }
  };
  harness.receive = (message, now = 0) => harness.perform(machine.receive(message, now));
  harness.type = (at, text, now = 0, selection) => {
    const change = new Delta().retain(at).insert(text);
    harness.editor = harness.editor.compose(change);
    harness.perform(machine.edit(change, selection, now));
  };
  harness.edit = (change, now = 0) => {
    harness.editor = harness.editor.compose(change);
    harness.perform(machine.edit(change, null, now));
  };
  harness.text = () => plain(harness.editor).map((op) => op.insert).join("");
  harness.take = () => harness.sent.splice(0);
  machine.connected();
  harness.receive({
    type: "init", clientId: "me", version, content, clients: [], permission: "edit",
    digest: documentDigest(content), limits: {}, lastOperationId: null, ...rest,
  });
  return harness;
}

test("one operation is in flight; what is typed meanwhile goes composed in the next", () => {
  const client = opened();
  client.type(0, "x");
  client.type(1, "y");
  client.type(2, "z");
  assert.deepEqual(plain(client.take()), [
    { type: "operation", operationId: "op1", version: 5, operation: [{ insert: "x" }] },
  ]);
  client.receive({ type: "ack", operationId: "op1", version: 6 });
  assert.deepEqual(plain(client.take()), [
    { type: "operation", operationId: "op2", version: 6, operation: [{ retain: 1 }, { insert: "yz" }] },
  ]);
  client.receive({ type: "ack", operationId: "op2", version: 7 });
  assert.equal(client.machine.hasUnsaved, false);
});

test("of two inserts at one place the server's stands to the left", () => {
  const client = opened();
  client.type(1, "ME");
  client.type(3, "!");
  client.receive({ type: "operation", clientId: "u", userId: "u", version: 6, operation: [{ retain: 1 }, { insert: "YOU" }] });
  assert.equal(client.text(), "aYOUME!bc\n");
});

test("an ack for an operation that was acknowledged before is ignored", () => {
  const client = opened();
  client.type(0, "x");
  client.receive({ type: "ack", operationId: "op1", version: 6 });
  client.take();
  client.receive({ type: "ack", operationId: "op1", version: 6 });
  assert.deepEqual(client.take(), []);
  assert.equal(client.machine.version, 6);
});

test("a submission is sent again, under its id, 5 s after nobody answered", () => {
  const client = opened();
  client.type(0, "x", 100);
  client.take();
  client.perform(client.machine.tick(5099));
  assert.deepEqual(client.take(), []);
  client.perform(client.machine.tick(5100));
  assert.equal(client.take()[0].operationId, "op1");
});

test("a missing version is answered by one request for a resync, repeated if it is not heard", () => {
  const client = opened();
  client.receive({ type: "operation", clientId: "u", version: 8, operation: [{ insert: "?" }] }, 0);
  client.receive({ type: "operation", clientId: "u", version: 9, operation: [{ insert: "?" }] }, 10);
  assert.deepEqual(client.take(), [{ type: "resync" }]);
  client.perform(client.machine.tick(5000));
  assert.deepEqual(client.take(), [{ type: "resync" }]);
  client.receive({ type: "resync", version: 9, content: [{ insert: "??abc\n" }], reason: "asked", lastOperationId: null });
  assert.equal(client.text(), "??abc\n");
});

test("edits made while a resync is awaited survive it", () => {
  const client = opened();
  client.receive({ type: "operation", clientId: "u", version: 8, operation: [{ insert: "?" }] });
  client.type(3, "MINE");
  client.receive({ type: "resync", version: 9, content: [{ insert: "xx abc\nyy\n" }], reason: "asked", lastOperationId: null });
  assert.equal(client.text(), "xx abcMINE\nyy\n");
  assert.deepEqual(plain(client.take().at(-1).operation), [{ retain: 6 }, { insert: "MINE" }]);
});

test("a resync that holds the operation in flight drops it, and only it", () => {
  const client = opened();
  client.type(3, "1");
  client.type(4, "2");
  client.receive({ type: "resync", version: 6, content: [{ insert: "abc1\n" }], reason: "slow", lastOperationId: "op1" });
  assert.equal(client.text(), "abc12\n");
  assert.deepEqual(plain(client.take().at(-1)), {
    type: "operation", operationId: "op2", version: 6, operation: [{ retain: 4 }, { insert: "2" }],
  });
});

test("a catch-up brings others' operations and settles the own one by its id", () => {
  const client = opened();
  client.type(3, "1");
  client.type(4, "2");
  client.perform(client.machine.disconnected());
  client.type(5, "3");
  client.take();
  assert.deepEqual(client.machine.resumeParameters(), {
    clientId: "me", version: 5, digest: documentDigest([{ insert: "abc\n" }]),
  });
  client.machine.connected();
  client.receive({
    type: "catchup", clientId: "me", version: 7, head: 8, permission: "edit", clients: [],
    operations: [
      { clientId: "u", userId: "u", operationId: "1", version: 6, operation: [{ insert: "U" }] },
      { clientId: "me", userId: "m", operationId: "op1", version: 7, operation: [{ retain: 4 }, { insert: "1" }] },
    ],
  });
  assert.deepEqual(client.take(), [], "nothing is sent before the head is reached");
  client.receive({ type: "operations", operations: [{ clientId: "u", version: 8, operation: [{ insert: "V" }] }] });
  assert.equal(client.text(), "VUabc123\n");
  assert.deepEqual(plain(client.take()), [
    { type: "operation", operationId: "op2", version: 8, operation: [{ retain: 6 }, { insert: "23" }] },
  ]);
});

test("the digest of a catch-up is that of the version it brings, also where more follow up to its head", () => {
  const client = opened();
  client.perform(client.machine.disconnected());
  client.machine.connected();
  client.take();
  client.receive({
    type: "catchup", clientId: "me", version: 6, head: 7, permission: "edit", clients: [],
    digest: documentDigest([{ insert: "Uabc\n" }]),
    operations: [{ clientId: "u", userId: "u", operationId: "1", version: 6, operation: [{ insert: "U" }] }],
  });
  client.receive({ type: "operations", operations: [{ clientId: "u", version: 7, operation: [{ insert: "V" }] }] });
  assert.equal(client.text(), "VUabc\n");
  assert.deepEqual(client.take(), [], "no resync is asked for");
});

test("an operation that the catch-up does not hold is sent again under its id", () => {
  const client = opened();
  client.type(3, "1");
  client.perform(client.machine.disconnected());
  client.take();
  client.machine.connected();
  client.receive({
    type: "catchup", clientId: "me", version: 6, head: 6, permission: "edit", clients: [],
    operations: [{ clientId: "u", operationId: "1", version: 6, operation: [{ insert: "U" }] }],
  });
  assert.deepEqual(plain(client.take()), [
    { type: "operation", operationId: "op1", version: 6, operation: [{ retain: 4 }, { insert: "1" }] },
  ]);
});

test("a digest that differs is answered by a request for a resync, which mends the editor", () => {
  const client = opened();
  client.type(0, "x");
  client.take();
  client.receive({ type: "ack", operationId: "op1", version: 6, digest: "0000000000000000" });
  assert.deepEqual(client.take(), [{ type: "resync" }]);
  client.receive({ type: "resync", version: 6, content: [{ insert: "xABC\n" }], reason: "asked", lastOperationId: "op1" });
  assert.equal(client.text(), "xABC\n");
});

test("a digest that keeps differing is told once and does not loop", () => {
  const client = opened();
  for (let round = 1; round <= 6; round += 1) {
    client.type(0, "x", round * 10000);
    const { operationId } = client.take().find(({ type }) => type === "operation");
    client.receive({ type: "ack", operationId, version: 5 + round, digest: "0" }, round * 10000);
    if (client.take().some(({ type }) => type === "resync")) {
      client.receive({
        type: "resync", version: 5 + round, content: client.machine.baseContent.ops, lastOperationId: operationId,
      }, round * 10000);
    }
  }
  assert.deepEqual(client.problems, ["digest"]);
  assert.equal(client.machine.hasUnsaved, false);
});

test("an invalid operation is mended once: an edit that cuts a surrogate pair loses neither itself nor the pair", () => {
  const client = opened({ content: [{ insert: "a😀b\n" }] });
  const change = new Delta().retain(2).insert("!");
  client.editor = client.editor.compose(change);
  client.perform(client.machine.edit(change, null, 0));
  client.take();
  client.receive({ type: "error", code: "invalid_operation", message: "splits a pair", operationId: "op1" });
  client.receive({
    type: "resync", version: 5, content: [{ insert: "a😀b\n" }], reason: "invalid_operation", lastOperationId: null,
    rejected: "op1",
  });
  assert.equal(client.text(), "a😀!b\n");
  const [sent] = client.take();
  assert.equal(sent.operationId, "op2");
  assert.deepEqual(plain(new Delta([{ insert: "a😀b\n" }]).compose(new Delta(sent.operation))), plain(client.editor));
});

/** A client that typed "XY", which was refused as op1 and went out again as op2 together with "Z". */
function refusedAndSentAgain() {
  const client = opened();
  client.type(0, "XY");
  client.type(2, "Z");
  client.receive({ type: "error", code: "invalid_operation", message: "no", operationId: "op1" });
  client.receive({
    type: "resync", version: 5, content: [{ insert: "abc\n" }], lastOperationId: null, rejected: "op1",
  });
  assert.deepEqual(client.take().map(({ operationId }) => operationId), ["op1", "op2"]);
  return client;
}

test("a refused operation that is applied after all is not applied twice: what is beyond it goes out again", () => {
  const client = refusedAndSentAgain();
  client.receive({ type: "operation", clientId: "u", userId: "u", version: 6, operation: [{ insert: "q" }] });
  const late = { clientId: "me", userId: "m", operationId: "op1", version: 7, operation: [{ retain: 1 }, { insert: "XY" }] };
  client.receive({ type: "operation", ...late });
  assert.equal(client.text(), "qXYZabc\n");
  client.perform(client.machine.tick(0));
  assert.deepEqual(plain(client.take()), [
    { type: "operation", operationId: "op3", version: 7, operation: [{ retain: 3 }, { insert: "Z" }] },
  ]);
  client.receive({ type: "error", code: "conflict", message: "op1 has been applied", operationId: "op2" });
  assert.deepEqual(client.problems, []);
  client.receive({ type: "ack", operationId: "op3", version: 8 });
  assert.equal(client.machine.hasUnsaved, false);
});

test("the same where a whole document tells it, in another life of the page", () => {
  const before = refusedAndSentAgain();
  const machine = new EditMachine({ Delta, makeOperationId: () => "next", draft: JSON.parse(JSON.stringify(before.machine.draft())) });
  machine.connected();
  machine.receive({
    type: "init", clientId: "me", version: 9, content: [{ insert: "XYabc!\n" }], clients: [], permission: "edit",
    digest: documentDigest([{ insert: "XYabc!\n" }]), limits: {}, lastOperationId: "op1",
  }, 0);
  assert.deepEqual(plain(machine.localContent.ops), [{ insert: "XYZabc!\n" }]);
});

test("once a later operation is acknowledged, the refused one is as unknown as any", () => {
  const client = refusedAndSentAgain();
  client.receive({ type: "ack", operationId: "op2", version: 6 });
  assert.equal(client.machine.hasUnsaved, false);
  client.receive({
    type: "operation", clientId: "me", userId: "m", operationId: "op1", version: 7, operation: [{ insert: "w" }],
  });
  assert.equal(client.text(), "wXYZabc\n");
});

test("an edit that is refused twice waits for the user, with all that is typed after it", () => {
  const client = opened();
  client.type(0, "x");
  for (const operationId of ["op1", "op2"]) {
    client.receive({ type: "error", code: "invalid_operation", message: "no", operationId });
    client.receive({
      type: "resync", version: 5, content: [{ insert: "abc\n" }], lastOperationId: null, rejected: operationId,
    });
  }
  client.take();
  assert.deepEqual(client.machine.refusal, { code: "invalid_operation", message: "no" });
  client.type(1, "y");
  assert.deepEqual(client.take(), []);
  assert.equal(client.text(), "xyabc\n");
  client.perform(client.machine.retry(0));
  assert.equal(client.take()[0].operationId, "op3");
  client.perform(client.machine.discardUnsaved());
  assert.equal(client.text(), "abc\n");
});

test("an operation that is too large is cut and sent in parts", () => {
  const client = opened();
  client.type(0, "0123456789".repeat(100));
  client.take();
  client.receive({ type: "error", code: "too_large", message: "too large", operationId: "op1" });
  client.receive({ type: "resync", version: 5, content: [{ insert: "abc\n" }], lastOperationId: null, rejected: "op1" });
  let version = 5;
  for (let part = 0; client.machine.hasUnsaved && part < 10; part += 1) {
    const [{ operationId, operation }] = client.take();
    assert.ok(JSON.stringify(operation).length < 600);
    client.receive({ type: "ack", operationId, version: (version += 1) });
  }
  assert.equal(plain(client.machine.baseContent)[0].insert, `${"0123456789".repeat(100)}abc\n`);
});

/** Answers an operation as the server does when it is too large. */
function refuseAsTooLarge(client, { operationId, version }) {
  client.receive({ type: "error", code: "too_large", message: "too large", operationId });
  client.receive({
    type: "resync", version, content: client.machine.baseContent.ops, reason: "too_large", lastOperationId: null,
    rejected: operationId,
  });
}

const picture = { image: `data:image/png;base64,${"A".repeat(600)}` };

test("a picture above the limit is never sent and refused at once; edits before and after it are saved", () => {
  const client = opened({ limits: { operationBytes: 400 } });
  client.edit(new Delta().retain(1).insert("x").insert(picture).insert("y"));
  assert.deepEqual(client.problems, ["too_large"]);
  const { code, held } = client.machine.refusal;
  assert.equal(code, "too_large");
  assert.deepEqual(held.map(({ kind, limitBytes }) => [kind, limitBytes]), [["image", 400]]);
  assert.ok(held[0].bytes > 600);
  const [first] = client.take();
  assert.deepEqual(plain(first.operation), [{ retain: 1 }, { insert: "xy" }]);
  client.receive({ type: "ack", operationId: first.operationId, version: 6 });
  client.type(0, "z");
  const [second] = client.take();
  assert.deepEqual(plain(second.operation), [{ insert: "z" }]);
  client.receive({ type: "operation", clientId: "u", version: 7, operation: [{ insert: "U" }] });
  client.receive({ type: "ack", operationId: second.operationId, version: 8 });
  assert.deepEqual(plain(client.editor), [{ insert: "Uzax" }, { insert: picture }, { insert: "ybc\n" }]);
  assert.deepEqual(plain(client.machine.baseContent), [{ insert: "Uzaxybc\n" }]);
  client.perform(client.machine.tick(60000));
  assert.deepEqual(client.take(), []);
  assert.deepEqual(client.problems, ["too_large"], "it is told once");
});

test("to discard takes only the picture that is refused, and what else is unsaved is saved", () => {
  const client = opened({ limits: { operationBytes: 400 } });
  client.edit(new Delta().retain(1).insert(picture));
  client.type(0, "z");
  client.type(1, "!");
  client.perform(client.machine.discardUnsaved());
  assert.equal(client.machine.refusal, null);
  assert.equal(client.text(), "z!abc\n");
  client.receive({ type: "ack", operationId: client.take()[0].operationId, version: 6 });
  client.receive({ type: "ack", operationId: client.take()[0].operationId, version: 7 });
  assert.equal(client.machine.hasUnsaved, false);
  assert.deepEqual(plain(client.machine.baseContent), plain(client.editor));
});

test("a refusal ends when the user deletes the picture", () => {
  const client = opened({ limits: { operationBytes: 400 } });
  client.edit(new Delta().retain(1).insert(picture));
  client.edit(new Delta().retain(1).delete(1));
  assert.equal(client.machine.refusal, null);
  assert.equal(client.machine.hasUnsaved, false);
  assert.deepEqual(client.take(), []);
});

test("to discard a format that is too large gives the text its own format back", () => {
  const client = opened({ content: [{ insert: "abc", attributes: { bold: true } }, { insert: "\n" }], limits: { operationBytes: 400 } });
  client.edit(new Delta().retain(1).retain(1, { font: "F".repeat(500), bold: null }).retain(1, { italic: true }));
  assert.deepEqual(client.machine.refusal.held.map(({ kind }) => kind), ["format"]);
  const [sent] = client.take();
  assert.deepEqual(plain(sent.operation), [{ retain: 2 }, { retain: 1, attributes: { italic: true } }]);
  client.receive({ type: "ack", operationId: sent.operationId, version: 6 });
  client.perform(client.machine.discardUnsaved());
  assert.deepEqual(plain(client.editor), [
    { insert: "ab", attributes: { bold: true } }, { insert: "c", attributes: { italic: true, bold: true } }, { insert: "\n" },
  ]);
});

test("what the server refuses as too large and cannot be cut is held after one refusal", () => {
  const client = opened();
  client.edit(new Delta().retain(1).insert("x").insert(picture).insert("y"));
  for (let count = 0; client.machine.refusal === null && count < 20; count += 1) {
    for (const sent of client.take()) {
      if (JSON.stringify(sent.operation).length > 400) refuseAsTooLarge(client, sent);
      else client.receive({ type: "ack", operationId: sent.operationId, version: sent.version + 1 });
    }
  }
  assert.deepEqual(client.machine.refusal.held.map(({ kind }) => kind), ["image"]);
  for (const sent of client.take()) client.receive({ type: "ack", operationId: sent.operationId, version: sent.version + 1 });
  assert.deepEqual(plain(client.machine.baseContent), [{ insert: "axybc\n" }]);
  assert.deepEqual(client.take(), []);
  client.perform(client.machine.retry(0));
  assert.equal(client.take().length, 1, "the user may have it tried again");
});

test("a draft with a picture in flight that is too large ends in the same refusal, without being sent", () => {
  const client = opened();
  client.edit(new Delta().retain(1).insert(picture));
  client.type(0, "z");
  const draft = JSON.parse(JSON.stringify(client.machine.draft()));
  const machine = new EditMachine({ Delta, makeOperationId: () => "next", draft });
  machine.connected();
  const actions = machine.receive({
    type: "catchup", clientId: "me", version: 5, head: 5, operations: [], clients: [], permission: "edit",
    limits: { operationBytes: 400 },
  }, 0);
  const sent = actions.filter(({ kind, message }) => kind === "send" && message.type === "operation");
  assert.deepEqual(plain(sent.map(({ message }) => message.operation)), [[{ insert: "z" }]]);
  assert.deepEqual(machine.refusal.held.map(({ kind }) => kind), ["image"]);
  machine.receive({ type: "ack", operationId: "next", version: 6 }, 0);
  assert.deepEqual(plain(machine.localContent), [{ insert: "za" }, { insert: picture }, { insert: "bc\n" }]);
});

test("a picture in a frame for which the server closed the connection is not sent again", () => {
  const client = opened();
  client.edit(new Delta().retain(1).insert(picture));
  client.take();
  client.machine.frameWasTooLarge();
  client.perform(client.machine.disconnected());
  client.machine.connected();
  client.receive({ type: "catchup", clientId: "me", version: 5, head: 5, operations: [], clients: [], permission: "edit" });
  assert.deepEqual(client.take(), []);
  assert.deepEqual(client.machine.refusal.held.map(({ kind }) => kind), ["image"]);
});

test("what a full document has no room for is held, and what makes room is sent", () => {
  const client = opened({ limits: { documentLength: 6 } });
  client.type(3, "12345");
  assert.deepEqual(client.take(), []);
  assert.deepEqual(client.machine.refusal.held, [{ kind: "length", units: 5, room: 2 }]);
  client.edit(new Delta().delete(3));
  client.receive({ type: "ack", operationId: client.take()[0].operationId, version: 6 });
  assert.equal(client.machine.refusal, null);
  assert.deepEqual(plain(client.machine.baseContent), [{ insert: "12345\n" }]);
});

test("an operation that others' edits made larger than the limit is not sent again on the connection that has it", () => {
  const client = opened({ content: [{ insert: `${"abcdefghij".repeat(4)}\n` }], limits: { operationBytes: 120 } });
  client.edit(new Delta().retain(1).retain(20, { bold: true }).insert("x"));
  client.take();
  for (let version = 6; version < 9; version += 1) {
    client.receive({
      type: "operation", clientId: "u", version, operation: [{ retain: version - 2 }, { insert: "U", attributes: { code: true } }, { retain: 3 }, { insert: "V" }],
    });
  }
  const draft = client.machine.draft();
  assert.ok(JSON.stringify(draft.inFlight.operation).length > 120);
  client.perform(client.machine.tick(5000));
  client.receive({ type: "resync", version: 8, content: client.machine.baseContent.ops, reason: "slow", lastOperationId: null });
  assert.deepEqual(client.take(), []);
  client.receive({ type: "ack", operationId: "op1", version: 9 });
  assert.equal(client.machine.hasUnsaved, false);
});

test("before the first content a selection is only remembered, and an edit is none", () => {
  const machine = new EditMachine({ Delta, makeOperationId: () => "op" });
  assert.deepEqual(machine.select({ index: 0, length: 0 }, 0), []);
  assert.deepEqual(machine.edit(new Delta().insert("x"), null, 0), []);
  machine.connected();
  assert.deepEqual(machine.select({ index: 0, length: 0 }, 0), []);
  assert.equal(machine.hasUnsaved, false);
});

test("others see the cursor where it is without the picture that they do not have", () => {
  const client = opened({ limits: { operationBytes: 400 } });
  client.edit(new Delta().retain(1).insert(picture));
  client.perform(client.machine.select({ index: 1, length: 2 }, 0));
  assert.deepEqual(client.take(), [
    { type: "cursor", version: 5, position: 2 }, { type: "selection", version: 5, range: { index: 1, length: 1 } },
  ]);
});

test("edits above the limit of the server are cut before they are sent", () => {
  const client = opened({ limits: { operationBytes: 100 } });
  client.type(0, "x".repeat(250));
  assert.ok(JSON.stringify(client.take()[0].operation).length <= 100);
});

test("without the permission to edit nothing is sent and nothing is lost", () => {
  const client = opened();
  client.type(0, "x");
  client.take();
  client.receive({ type: "permission", permission: "view" });
  client.receive({ type: "error", code: "forbidden", message: "no", operationId: "op1" });
  client.receive({ type: "resync", version: 5, content: [{ insert: "abc\n" }], lastOperationId: null, rejected: "op1" });
  assert.deepEqual(client.take(), []);
  assert.equal(client.text(), "xabc\n");
  client.receive({ type: "permission", permission: "edit" });
  assert.deepEqual(plain(client.take()[0].operation), [{ insert: "x" }]);
});

test("an unavailable or rate-limited submission is tried again under its id, with growing pauses", () => {
  const client = opened();
  client.type(0, "x");
  client.take();
  client.receive({ type: "error", code: "unavailable", message: "", operationId: "op1" }, 0);
  client.perform(client.machine.tick(249));
  assert.deepEqual(client.take(), []);
  client.perform(client.machine.tick(250));
  assert.equal(client.take()[0].operationId, "op1");
  client.receive({ type: "error", code: "rate_limited", message: "", operationId: "op1" }, 250);
  client.perform(client.machine.tick(749));
  assert.deepEqual(client.take(), []);
  client.perform(client.machine.tick(750));
  assert.equal(client.take()[0].operationId, "op1");
});

test("the ack of an earlier life of this client, whose content is unknown here, asks for a resync", () => {
  const client = opened();
  client.receive({ type: "ack", operationId: "of-a-closed-page", version: 6 });
  assert.deepEqual(client.take(), [{ type: "resync" }]);
});

test("the selection goes with the operation after which nothing waits, else when nothing is in flight", () => {
  const client = opened();
  client.type(0, "x", 0, { index: 1, length: 0 });
  assert.equal(client.take()[0].cursor, 1);
  client.perform(client.machine.select({ index: 0, length: 2 }, 0));
  assert.deepEqual(client.take(), []);
  client.receive({ type: "ack", operationId: "op1", version: 6 });
  assert.deepEqual(client.take(), [
    { type: "cursor", version: 6, position: 2 },
    { type: "selection", version: 6, range: { index: 0, length: 2 } },
  ]);
});

test("others' cursors are shown in the local document and move with edits", () => {
  const client = opened({
    clients: [["me", { userId: "m", name: "Me", color: "#000000" }], ["u", { userId: "u", name: "U", color: "#123456", cursor: 2 }]],
  });
  assert.deepEqual(client.machine.others.map(({ clientId, cursor }) => [clientId, cursor]), [["u", 2]]);
  client.type(0, "xx");
  assert.equal(client.machine.others[0].cursor, 4);
  client.receive({ type: "cursor", clientId: "u", version: 5, position: 3 });
  assert.equal(client.machine.others[0].cursor, 5);
  client.receive({ type: "operation", clientId: "u", version: 6, operation: [{ retain: 3 }, { insert: "!" }] });
  assert.equal(client.machine.others[0].cursor, 6, "the author's cursor moves on with what he typed");
  client.receive({ type: "selection", clientId: "u", version: 6, range: { index: 0, length: 3 } });
  assert.deepEqual(client.machine.others[0].selection, { index: 2, length: 3 });
  client.receive({ type: "client_leave", clientId: "u" });
  assert.deepEqual(client.machine.others, []);
});

test("an edit of the line end that only the editor shows makes it real", () => {
  const client = opened({ content: [{ insert: "abc" }] });
  client.perform(client.machine.edit(new Delta().retain(3).retain(1, { header: 1 }), null, 0));
  assert.deepEqual(plain(client.take()[0].operation), [{ retain: 3 }, { insert: "\n", attributes: { header: 1 } }]);
});

test("a draft goes over a reload and is gone once it is saved", () => {
  const items = new Map();
  const storage = {
    get length() { return items.size; },
    key: (index) => [...items.keys()][index],
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => items.set(key, value),
    removeItem: (key) => items.delete(key),
  };
  const client = opened();
  client.type(3, "1");
  client.type(4, "2");
  new DraftStore({ storage, documentId: "d" }).write(client.machine);

  const store = new DraftStore({ storage, documentId: "d" });
  assert.deepEqual(store.clientIds(), ["me"]);
  const machine = new EditMachine({ Delta, makeOperationId: () => "next", draft: store.read("me") });
  assert.equal(machine.localContent.ops[0].insert, "abc12\n");
  machine.connected();
  const actions = machine.receive({
    type: "catchup", clientId: "me", version: 5, head: 5, operations: [], clients: [], permission: "edit",
  }, 0);
  const [{ message }] = actions.filter(({ kind }) => kind === "send");
  assert.equal(message.operationId, "op1");
  machine.receive({ type: "ack", operationId: "op1", version: 6 }, 0);
  machine.receive({ type: "ack", operationId: "next", version: 7 }, 0);
  store.note(machine);
  assert.deepEqual([...items.keys()], []);
});

test("a storage that is full is told, and keeps nothing half", () => {
  const storage = { length: 0, key: () => null, getItem: () => null, removeItem: () => {}, setItem: () => { throw new Error("full"); } };
  const client = opened();
  client.type(3, "1");
  const store = new DraftStore({ storage, documentId: "d" });
  store.write(client.machine);
  assert.equal(store.isFull, true);
});
