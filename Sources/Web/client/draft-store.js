const prefix = "collab.unsaved";
const writePauseMilliseconds = 1000;

/**
 * Keeps unsaved edits of one document over a reload or a crash of the page, in `localStorage` (synchronous,
 * so it also works while the page goes away). The base document, which may be large, is written again only
 * when its version has changed; while nothing is acknowledged, it has not.
 */
export class DraftStore {
  /** Whether the last write was too large for the storage: then leaving the page would lose edits. */
  isFull = false;

  #storage;
  #documentId;
  #timer = null;
  #writtenBase = null;

  constructor({ storage, documentId }) {
    this.#storage = storage;
    this.#documentId = documentId;
  }

  /** Notes that `client.draft()` may have changed: writes it within a second, or clears it at once. */
  note(client) {
    if (!client.hasUnsaved) this.clear(client.clientId);
    else this.#timer ??= setTimeout(() => this.write(client), writePauseMilliseconds);
  }

  /** Writes now: the page is going away. */
  write(client) {
    this.#cancel();
    const draft = client.draft();
    if (draft === null) return;
    const { base, ...rest } = draft;
    const baseMark = `${draft.clientId}@${draft.version}`;
    try {
      if (this.#writtenBase !== baseMark) {
        this.#storage.setItem(this.#key("base", draft.clientId), JSON.stringify({ version: draft.version, base }));
      }
      this.#storage.setItem(this.#key("edits", draft.clientId), JSON.stringify(rest));
      this.#writtenBase = baseMark;
      this.isFull = false;
    } catch {
      this.clear(draft.clientId);
      this.isFull = true;
    }
  }

  clear(clientId) {
    this.#cancel();
    this.isFull = false;
    if (this.#writtenBase === null) return;
    this.#writtenBase = null;
    this.#storage.removeItem(this.#key("edits", clientId));
    this.#storage.removeItem(this.#key("base", clientId));
  }

  /** The draft of a client of this document, or null. A draft that is not whole is none. */
  read(clientId) {
    const edits = parsed(this.#storage.getItem(this.#key("edits", clientId)));
    const base = parsed(this.#storage.getItem(this.#key("base", clientId)));
    if (!edits || !base || edits.version !== base.version) return null;
    this.#writtenBase = `${clientId}@${base.version}`;
    return { ...edits, base: base.base };
  }

  /** The clients of this document that left a draft here. */
  clientIds() {
    const start = this.#key("edits", "");
    const ids = [];
    for (let index = 0; index < this.#storage.length; index += 1) {
      const key = this.#storage.key(index);
      if (key.startsWith(start)) ids.push(key.slice(start.length));
    }
    return ids;
  }

  #cancel() {
    clearTimeout(this.#timer);
    this.#timer = null;
  }

  #key(part, clientId) {
    return `${prefix}.${part}.${this.#documentId}.${clientId}`;
  }
}

function parsed(text) {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
