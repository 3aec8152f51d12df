import { setOversizeAside, withoutHeld } from "./oversize-edits.js";

/** What of a document's buffer can be sent, and what is too large for it; found anew only when either has changed. */
export class BufferParts {
  #Delta;
  #sizes;
  #known = { buffer: null };

  /** `sizes` are the `SizeLimits` in force. */
  constructor(Delta, sizes) {
    this.#Delta = Delta;
    this.#sizes = sizes;
  }

  /**
   * `{sendable, held, causes}` as of `setOversizeAside`, and `place`: where a position of the editor is in the
   * document without what is held.
   */
  of({ buffer, lengthBeforeBuffer }) {
    const { largestOpBytes } = this.#sizes;
    const room = this.#sizes.room(lengthBeforeBuffer);
    const known = this.#known;
    if (known.buffer === buffer && known.largestOpBytes === largestOpBytes && known.room === room) return known;
    const parts = setOversizeAside(this.#Delta, buffer, { largestOpBytes, room });
    this.#known = { buffer, largestOpBytes, room, ...parts, place: placeWithout(this.#Delta, parts.held) };
    return this.#known;
  }
}

function placeWithout(Delta, held) {
  if (held.ops.length === 0) return (position) => position;
  const change = withoutHeld(Delta, held);
  return (position) => change.transformPosition(position);
}
