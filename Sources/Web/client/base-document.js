/** How many places a held change may touch before it is composed into the document. */
const heldOpsLimit = 64;

/**
 * The document at the last version the server has told: what local edits are based on.
 *
 * Composing into a whole document costs its length, composing two small changes does not, so changes are
 * held composed and merged into the document only when somebody reads it.
 */
export class BaseDocument {
  #content;
  #held = null;

  /** `content` is a Delta of inserts. */
  constructor(content) {
    this.#content = content;
    this.length = content.length();
  }

  apply(operation) {
    if (operation.ops.length === 0) return;
    this.length += operation.changeLength();
    this.#held = this.#held === null ? operation : this.#held.compose(operation);
    if (this.#held.ops.length > heldOpsLimit) this.#merge();
  }

  /** The document as a Delta of inserts. */
  get content() {
    this.#merge();
    return this.#content;
  }

  #merge() {
    if (this.#held === null) return;
    this.#content = this.#content.compose(this.#held);
    this.#held = null;
  }
}
