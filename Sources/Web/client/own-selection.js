/**
 * Where the user is, `{index, length}` in positions of the local document, and what of it the server knows.
 * It is told with nothing in flight, or with an operation as of after it (protocol.md, "Client to server").
 */
export class OwnSelection {
  #current = null;
  #told = null;

  set(selection) {
    this.#current = selection;
  }

  /** A new connection knows nothing. */
  forget() {
    this.#told = null;
  }

  /** Moves over another's change; the server moves what it knows by itself. */
  move(change) {
    this.#current = moved(this.#current, change);
    this.#told = moved(this.#told, change);
  }

  /** The fields for an operation after which nothing waits; `place` gives a position as the server has it. */
  fields(place) {
    const range = this.#current;
    if (!range) return {};
    const fields = { cursor: place(range.index + range.length) };
    if (range.length > 0 || this.#told?.length > 0) fields.selection = placed(range, place);
    this.#told = range;
    return fields;
  }

  /** The messages that tell what the server does not know yet; `place` as for `fields`. */
  messages(version, place) {
    const range = this.#current;
    const told = this.#told;
    if (!range || (told && told.index === range.index && told.length === range.length)) return [];
    this.#told = range;
    const messages = [{ type: "cursor", version, position: place(range.index + range.length) }];
    if (range.length > 0 || told?.length > 0) messages.push({ type: "selection", version, range: placed(range, place) });
    return messages;
  }
}

function placed(range, place) {
  const index = place(range.index);
  return { index, length: place(range.index + range.length) - index };
}

function moved(range, change) {
  if (!range) return null;
  const start = change.transformPosition(range.index, true);
  const end = change.transformPosition(range.index + range.length, true);
  return { index: start, length: Math.max(0, end - start) };
}
