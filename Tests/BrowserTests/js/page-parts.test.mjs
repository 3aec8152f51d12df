import assert from "node:assert/strict";
import test from "node:test";
import { distinctColors } from "../../../Sources/Web/page/distinct-colors.js";
import { failureWords } from "../../../Sources/Web/page/failure-words.js";
import { addressWithIdentity, identityIn, mayHandOver } from "../../../Sources/Web/page/hand-over.js";
import { memberAt, MemberList, memberWords } from "../../../Sources/Web/page/member-list.js";
import { dataAddressBytes, sortPictures, tooLargeNotice } from "../../../Sources/Web/page/picture-limit.js";
import { refusalWords } from "../../../Sources/Web/page/refusal-words.js";
import { Random, runSeed } from "./support/random.mjs";

const member = (number, state = "active") => ({ id: `node-${number}`, url: `http://127.0.0.1:900${number}`, state, documents: 0 });
const states = (list) => list.members.map(({ id, state }) => `${id} ${state}`);

test("a member that was active and is not listed any more is dead; one that was draining has left", () => {
  const list = new MemberList();
  list.take([member(2), member(1), member(3, "draining")]);
  assert.deepEqual(states(list), ["node-1 active", "node-2 active", "node-3 draining"]);
  list.take([member(1)]);
  assert.deepEqual(states(list), ["node-1 active", "node-2 dead"]);
  assert.deepEqual(list.alive.map(({ id }) => id), ["node-1"]);
  list.take([member(1), member(2)]);
  assert.deepEqual(states(list), ["node-1 active", "node-2 active"], "it came back");
  list.take([member(1), { ...member(2), id: "node-9" }]);
  assert.deepEqual(states(list), ["node-1 active", "node-9 active"], "another took its place");
});

test("a member's documents are counted only for those who are told of them", () => {
  assert.equal(memberWords(member(1)), "0 documents");
  assert.equal(memberWords({ ...member(1), documents: 1 }), "1 document");
  const { documents, ...untold } = member(1);
  assert.equal(memberWords(untold), "");
  assert.equal(memberWords({ ...untold, state: "draining" }, { isHere: true, isOwner: true }), "leaving · this window · owner");
  assert.equal(memberWords({ ...untold, state: "dead" }, { isOwner: true }), "not answering");
});

test("only the dead that were seen last are remembered", () => {
  const list = new MemberList();
  for (let number = 1; number < 30; number += 1) list.take([{ ...member(0), id: `n${number}`, url: `http://h${number}` }]);
  assert.equal(list.members.length, 9);
});

test("a member whose URL cannot be used is shown and not connected to", () => {
  const list = new MemberList();
  list.take([member(1), { ...member(2), url: "editor.example:3001" }, { ...member(3), url: "http://a b" }]);
  assert.equal(list.members.length, 3);
  assert.deepEqual(list.alive.map(({ id }) => id), ["node-1"]);
});

test("an address leads to a node only if it is a member's", () => {
  const members = [member(1), member(2), { id: "x", url: "https://b.example/", state: "active" }];
  assert.equal(memberAt("http://127.0.0.1:9002/d/x", members), "http://127.0.0.1:9002");
  assert.equal(memberAt("https://b.example", members), "https://b.example");
  for (const other of ["http://attacker", "http://127.0.0.1:9002@attacker", "https://127.0.0.1:9002", "javascript:1", "", null, "http://b.example"]) {
    assert.equal(memberAt(other, members), null, String(other));
  }
  assert.equal(memberAt("http://127.0.0.1:9001", []), null);
});

test("an identity goes to another node in the fragment and comes back whole", () => {
  const identity = { user: "guest-1", name: "Zoë & #1 😀" };
  const address = new URL(addressWithIdentity("http://127.0.0.1:9002/d/x?y=1", identity));
  assert.equal(address.origin + address.pathname + address.search, "http://127.0.0.1:9002/d/x?y=1");
  assert.deepEqual(identityIn(address.hash), identity);
});

test("what is no identity in a fragment is none", () => {
  const fragment = (value) => `#${new URLSearchParams({ as: typeof value === "string" ? value : JSON.stringify(value) })}`;
  for (const hash of [
    "", "#", "#as=", "#chapter", fragment("{"), fragment("null"), fragment({ user: "u" }), fragment({ user: 1, name: "n" }),
    fragment({ user: " ", name: "n" }), fragment({ user: "u", name: "n".repeat(61) }), fragment({ user: "u".repeat(101), name: "n" }),
  ]) assert.equal(identityIn(hash), null, hash);
});

test("only a page of a member may hand an identity over", () => {
  const members = [member(1), member(2)];
  assert.equal(mayHandOver("http://127.0.0.1:9001/", members), true);
  for (const referrer of ["", "http://attacker/", "http://127.0.0.1:9009/"]) assert.equal(mayHandOver(referrer, members), false);
});

/** WCAG 2 contrast of white letters on a colour. */
function contrast(color) {
  const [red, green, blue] = [1, 3, 5].map((start) => {
    const value = parseInt(color.slice(start, start + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
}

test("everybody here has a colour of his own, the same in every window, whatever the order in which they are told", () => {
  const palette = ["#c0392b", "#d35400", "#b7791f", "#5b8c00", "#1e8449", "#117a65", "#0e7490", "#2471a3", "#3949ab", "#6c3483",
    "#a21caf", "#be185d", "#78523b", "#475569"];
  const first = runSeed();
  for (let seed = first; seed < first + 100; seed += 1) {
    const random = new Random(seed);
    const people = Array.from({ length: 2 + random.below(12) }, () => ({
      clientId: String(random.next()), color: random.pick(palette.slice(0, random.pick([1, 3, 14]))),
    }));
    const colors = distinctColors(people);
    assert.equal(new Set(colors.values()).size, people.length, `SEED=${seed}`);
    assert.deepEqual(distinctColors([...people].reverse()), colors, `SEED=${seed}`);
    const inOrder = people.toSorted((a, b) => (a.clientId < b.clientId ? -1 : 1));
    for (const [index, { clientId, color }] of inOrder.entries()) {
      const isFirst = inOrder.findIndex((other) => other.color === color) === index;
      if (isFirst) assert.equal(colors.get(clientId), color, `SEED=${seed}: the first keeps his colour`);
      else assert.ok(contrast(colors.get(clientId)) >= 4.4, `SEED=${seed}: ${colors.get(clientId)} carries white letters`);
    }
  }
});

test("a colour that is none is replaced", () => {
  const colors = distinctColors([{ clientId: "a", color: "red;background:url(x)" }, { clientId: "b", color: undefined }]);
  assert.equal(colors.get("a"), "#64748b");
  assert.match(colors.get("b"), /^#[0-9a-f]{6}$/);
  assert.notEqual(colors.get("a"), colors.get("b"));
});

test("a failure is told in plain words, without the server's codes", () => {
  assert.equal(failureWords(new TypeError("Failed to fetch")), "the server cannot be reached.");
  assert.equal(failureWords(Object.assign(new Error("forbidden"), { status: 403, code: "forbidden" })), "you are not allowed to.");
  assert.equal(failureWords(Object.assign(new Error("use GET, HEAD"), { status: 405 })), "this server cannot do that.");
  assert.equal(failureWords(Object.assign(new Error("the title is empty"), { status: 400 })), "the title is empty.");
  assert.equal(failureWords(Object.assign(new Error("oops"), { status: 503 })), "the server cannot do that just now; try again in a moment.");
});

test("a refusal names what was refused, and why", () => {
  const { text, discard } = refusalWords({ code: "too_large", held: [{ kind: "image", bytes: 600_046, limitBytes: 524_288 }] });
  assert.match(text, /^A picture of 600 kB is too large to be saved \(at most 524 kB\)\./);
  assert.equal(discard, "Remove it");
  assert.match(refusalWords({ code: "too_large", held: [{ kind: "length", units: 1200, room: 2 }] }).text, /^The document is full: 1,200 characters/);
  assert.match(refusalWords({ code: "too_large", held: [{ kind: "format", bytes: 9, limitBytes: 5 }, { kind: "x", bytes: 9, limitBytes: 5 }] }).text, /^2 parts .* a format of 9 bytes, are too large/);
  assert.match(refusalWords({ code: "forbidden", message: "no" }).text, /you may not edit this document/);
});

test("a picture is refused when its address, not its file, is above the limit", () => {
  const file = (size) => ({ name: "a.png", type: "image/png", size });
  assert.equal(dataAddressBytes(file(3)), "data:image/png;base64,AAAA".length);
  const { fitting, tooLarge } = sortPictures([file(390_000), file(400_000)], 524_288, dataAddressBytes);
  assert.deepEqual([fitting.length, tooLarge.length], [1, 1]);
  assert.equal(tooLargeNotice(tooLarge, 524_288), "“a.png” was not put in: it has 400 kB, and a picture may have at most 393 kB.");
  assert.equal(sortPictures([file(1e9)], Infinity, dataAddressBytes).tooLarge.length, 0, "before the limit is known");
});
