/** Operations are cut to this size where the server names no limit. */
const defaultOperationBytes = 256 * 1024;
/** The part of a frame that is not its operation, at most. */
const envelopeBytes = 1024;
const smallestPartBytes = 64;

/**
 * How large what is sent may be: what the server told in `init`, and what it was seen to refuse. Sizes are
 * bytes of UTF-8 JSON.
 */
export class SizeLimits {
  /** `limits` of the server (protocol.md, "Server to client"). */
  told = {};

  #cutBytes = Infinity;
  #refusedOpBytes = Infinity;

  /** The largest operation that the server takes; infinite where it does not say. */
  get operationBytes() {
    const { operationBytes = Infinity, frameBytes = Infinity } = this.told;
    return Math.min(operationBytes, frameBytes - envelopeBytes);
  }

  /** An op that cannot be cut is not sent if its operation would be larger than this. */
  get largestOpBytes() {
    return Math.min(this.operationBytes, this.#refusedOpBytes - 1);
  }

  /**
   * Operations are cut at this size. It leaves room to grow: one that was sent is moved over others' edits,
   * and must still be taken when it is sent again.
   */
  get partBytes() {
    const limit = Math.min(this.told.operationBytes ?? defaultOperationBytes, this.operationBytes, this.#cutBytes);
    return Math.max(48, Math.floor(limit * 3 / 4));
  }

  /** By how many UTF-16 units a document of this length may still grow. */
  room(documentLength) {
    return Math.max(0, (this.told.documentLength ?? Infinity) - documentLength);
  }

  /** An operation of this size, which can be cut, was refused. False if the parts would not be smaller. */
  cutBelow(size) {
    if (size <= smallestPartBytes) return false;
    this.#cutBytes = Math.max(smallestPartBytes, Math.floor(Math.min(size, this.partBytes) / 2));
    return true;
  }

  /** An op of this size, which cannot be cut, was refused. */
  refuseOp(size) {
    this.#refusedOpBytes = Math.min(this.#refusedOpBytes, size);
  }

  /** The user tries again: what was seen may not hold any more. */
  forgetRefusals() {
    this.#cutBytes = Infinity;
    this.#refusedOpBytes = Infinity;
  }
}
