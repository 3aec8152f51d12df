import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import vm from "node:vm";

const web = new URL("../../../../Sources/Web/", import.meta.url);

/** The vendored Quill bundle's text; fetched first if it is not there. */
function quillSource() {
  execFileSync(fileURLToPath(new URL("fetch-quill", web)), { stdio: ["ignore", "ignore", "inherit"] });
  return readFileSync(new URL("vendor/quill/quill.js", web), "utf8");
}

/**
 * Quill's own Delta class, out of the bundle that the page loads. The bundle as a whole needs a DOM; its
 * module of Delta does not, so the bundle is made to hand out that one. Its module number is that of the
 * release that `fetch-quill` pins by checksum.
 */
function loadDelta() {
  const start = 'var r={};return function(){"use strict";n.d(r,{default';
  const source = quillSource();
  if (source.split(start).length !== 2) throw new Error("the Quill bundle is not the one that is expected");
  const module = { exports: {} };
  const context = { module, exports: module.exports, self: {} };
  vm.runInNewContext(source.replace(start, () => `return n(5232).default;${start}`), context);
  return module.exports;
}

export const Delta = loadDelta();

/** A Delta's ops as plain values of this realm, for comparisons. */
export function plain(deltaOrOps) {
  return JSON.parse(JSON.stringify(deltaOrOps.ops ?? deltaOrOps));
}
