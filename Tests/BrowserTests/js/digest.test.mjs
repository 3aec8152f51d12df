import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { canonicalJSON } from "../../../Sources/Web/client/canonical-json.js";
import { documentDigest, fnv1a32 } from "../../../Sources/Web/client/digest.js";
import { Random, runSeed } from "./support/random.mjs";

const vectors = JSON.parse(readFileSync(new URL("digest-vectors.json", import.meta.url), "utf8"));

for (const { name, content, digest } of vectors) {
  test(`the digest of ${name} is that of the second implementation`, () => {
    assert.equal(documentDigest(content), digest);
  });
}

test("a digest does not depend on how the text is cut into runs", () => {
  const seed = runSeed();
  const random = new Random(seed);
  const text = Array.from({ length: 300 }, () => random.pick(["a", "é", "世", "😀", "\n"])).join("");
  const whole = documentDigest([{ insert: text }]);
  for (let round = 0; round < 50; round += 1) {
    const runs = [];
    for (let from = 0; from < text.length;) {
      const to = from + 1 + random.below(20);
      runs.push({ insert: text.slice(from, to) });
      from = to;
    }
    assert.equal(documentDigest(runs), whole, `SEED=${seed}`);
  }
});

test("a digest depends on order, on formats and on embeds", () => {
  const documents = [
    [{ insert: "ab\n" }], [{ insert: "ba\n" }], [{ insert: "ab" }, { insert: "\n", attributes: { list: "bullet" } }],
    [{ insert: "ab\n", attributes: { bold: true } }], [{ insert: { image: "a" } }, { insert: "b\n" }],
    [{ insert: { image: "b" } }, { insert: "b\n" }],
  ];
  assert.equal(new Set(documents.map(documentDigest)).size, documents.length);
});

test("FNV-1a has its published values", () => {
  // Landon Curt Noll, "FNV Hash": test vectors of the 32 bit FNV-1a.
  assert.equal(fnv1a32(""), 0x811c9dc5);
  assert.equal(fnv1a32("a"), 0xe40c292c);
  assert.equal(fnv1a32("foobar"), 0xbf9cf968);
});

test("canonical JSON is that of RFC 8785, section 3.2.2", () => {
  const value = JSON.parse(String.raw`{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  }`);
  const expected = String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],` +
    String.raw`"string":"€$\u000f\nA'B\"\\\\\"/"}`;
  assert.equal(canonicalJSON(value), expected);
});

test("canonical JSON sorts names by UTF-16 units (RFC 8785, section 3.2.3)", () => {
  const value = { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7 };
  assert.deepEqual(
    Object.values(JSON.parse(`[${canonicalJSON(value).replace(/"(?:[^"\\]|\\.)*":/gu, "").slice(1, -1)}]`)),
    [2, 4, 6, 7, 1, 5, 3],
  );
});

test("canonical JSON refuses what RFC 8785 refuses", () => {
  for (const value of [NaN, Infinity, "\ud800", { "\udc00": 1 }, undefined, () => 0]) {
    assert.throws(() => canonicalJSON(value), RangeError);
  }
  assert.equal(canonicalJSON(-0), "0");
});
