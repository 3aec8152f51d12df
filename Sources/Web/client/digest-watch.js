import { documentDigest } from "./digest.js";

/** So many differences in a row are taken for an error of the digest, not of the document. */
const toleratedMismatches = 3;

/**
 * Compares the document with the server's digest now and then. A comparison costs the document's length, so
 * a document of up to 100,000 units is looked at every 2 s at most, a larger one less often.
 */
export class DigestWatch {
  #nextAt = -Infinity;
  #mismatches = 0;

  /** The next digest is compared, however long ago the last one was. */
  insist() {
    this.#nextAt = -Infinity;
  }

  /** `"same"`, `"unchecked"`, `"different"`, or `"given up"` at the last difference that is tolerated. */
  compare(document, digest, now) {
    if (digest === undefined || this.#mismatches >= toleratedMismatches || now < this.#nextAt) return "unchecked";
    this.#nextAt = now + Math.max(2000, document.baseLength / 50);
    if (documentDigest(document.base.ops) === digest) {
      this.#mismatches = 0;
      return "same";
    }
    this.#mismatches += 1;
    this.insist();
    return this.#mismatches < toleratedMismatches ? "different" : "given up";
  }
}
