import assert from "node:assert/strict";
import test from "node:test";
import { encodedBytes, joinPairs, repair, splitOperation, wellShaped } from "../../../Sources/Web/client/operation-shape.js";
import { setOversizeAside } from "../../../Sources/Web/client/oversize-edits.js";
import { Delta, plain } from "./support/quill-delta.mjs";
import { Random, runSeed } from "./support/random.mjs";

test("the parts of a cut operation do together what it did, and fit", () => {
  const first = runSeed();
  for (let seed = first; seed < first + 300; seed += 1) {
    const random = new Random(seed);
    const document = new Delta().insert("x".repeat(400));
    const operation = new Delta();
    let room = 400;
    while (room > 20) {
      const kind = random.below(4);
      const length = 1 + random.below(20);
      if (kind === 0) operation.insert(random.pick(["ab", "é", "😀", "\"\n"]).repeat(length));
      else if (kind === 1) operation.insert({ image: "a.png" }, { alt: "b" });
      else if (kind === 2) operation.retain(length, random.pick([undefined, { bold: true }]));
      else operation.delete(length);
      if (kind > 1) room -= length;
    }
    operation.chop();
    const limit = 80 + random.below(200);
    let rest = operation;
    let result = document;
    while (rest.ops.length > 0) {
      const parts = splitOperation(Delta, rest, limit);
      assert.ok(encodedBytes(parts.first.ops) <= limit, `SEED=${seed}: ${encodedBytes(parts.first.ops)} > ${limit}`);
      assert.doesNotMatch(JSON.stringify(parts.first.ops), /\\ud[89a-f]/, `SEED=${seed}: a pair was cut`);
      result = result.compose(parts.first);
      rest = parts.rest;
    }
    assert.deepEqual(plain(result), plain(document.compose(operation)), `SEED=${seed}`);
  }
});

test("an op that cannot be cut goes alone", () => {
  const operation = new Delta().retain(3).insert({ image: "x".repeat(500) }).insert("after");
  const { first, rest } = splitOperation(Delta, operation, 100);
  assert.deepEqual(plain(first), [{ retain: 3 }, { insert: { image: "x".repeat(500) } }]);
  assert.deepEqual(plain(rest), [{ retain: 4 }, { insert: "after" }]);
});

test("lone surrogates and U+0000 are replaced unit for unit, in the operation and in the editor", () => {
  const change = new Delta([
    { retain: 2 }, { insert: "a\u0000b", attributes: { bold: true } }, { insert: { image: "i" } },
    { insert: "\ud83d" }, { delete: 3 }, { insert: "😀\udc00" },
  ]);
  const { operation, repaired } = wellShaped(Delta, change);
  assert.equal(repaired, true);
  const document = new Delta().insert("0123456789\n");
  const shown = document.compose(change).compose(repair(Delta, change));
  assert.deepEqual(plain(shown), plain(document.compose(operation)));
  assert.match(JSON.stringify(plain(operation)), /a\uFFFDb/u);
  assert.equal(wellShaped(Delta, new Delta().insert("😀")).repaired, false);
});

test("an insert has no null attributes, a retain keeps them", () => {
  const change = new Delta([
    { insert: "a", attributes: { bold: null } }, { retain: 1, attributes: { bold: null } }, { retain: 4 },
  ]);
  assert.deepEqual(plain(wellShaped(Delta, change).operation), [
    { insert: "a" }, { retain: 1, attributes: { bold: null } },
  ]);
});

test("what is too large is set aside, and the parts do together what the operation did", () => {
  const first = runSeed();
  for (let seed = first; seed < first + 300; seed += 1) {
    const random = new Random(seed);
    const document = new Delta().insert("x".repeat(200));
    const operation = new Delta();
    for (let room = 200; room > 10;) {
      const length = 1 + random.below(10);
      const size = random.pick([5, 300]);
      const kind = random.below(5);
      if (kind === 0) operation.insert("é".repeat(length), random.pick([undefined, { font: "F".repeat(size) }]));
      else if (kind === 1) operation.insert({ image: "=".repeat(size) });
      else if (kind === 2) operation.retain(length);
      else if (kind === 3) operation.retain(length, { font: "F".repeat(size) });
      else operation.delete(length);
      if (kind > 1) room -= length;
    }
    operation.chop();
    const { sendable, held, causes } = setOversizeAside(Delta, operation, { largestOpBytes: 200, room: Infinity });
    const context = `SEED=${seed}`;
    assert.deepEqual(plain(document.compose(sendable).compose(held)), plain(document.compose(operation)), context);
    assert.doesNotMatch(JSON.stringify(sendable), /F{300}|={300}/, context);
    assert.doesNotMatch(JSON.stringify(held), /é(?!.*F{300})|"delete"|"={5}"/, context);
    assert.equal(causes.length > 0, /F{300}|={300}/.test(JSON.stringify(operation)), context);
  }
});

test("halves of a pair are joined again over what came between them, and a lone half stays for the repair", () => {
  const [high, low] = ["\ud83d", "\ude00"];
  const joined = (ops) => plain(new Delta(ops).compose(joinPairs(Delta, new Delta(ops))));
  assert.deepEqual(joined([{ insert: `a${high}xy${low}b` }]), [{ insert: "a😀xyb" }]);
  assert.deepEqual(joined([{ insert: high }, { insert: { image: "i" } }, { insert: `${low}😀${high}` }]), [
    { insert: "😀" }, { insert: { image: "i" } }, { insert: `😀${high}` },
  ]);
  assert.deepEqual(joined([{ insert: `a${high}`, attributes: { bold: true } }, { insert: `${low}b` }]), [
    { insert: "a😀", attributes: { bold: true } }, { insert: "b" },
  ]);
  assert.deepEqual(joined([{ insert: `${low}a${high}${high}` }]), [{ insert: `${low}a${high}${high}` }]);
  assert.deepEqual(joined([{ insert: "a😀\n" }]), [{ insert: "a😀\n" }]);
});
