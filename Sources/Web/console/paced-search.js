const delayMilliseconds = 250;

/**
 * Asks for the text that is wanted last: a while after it was typed, and never while an answer is outstanding, since a
 * search costs the database a look at every title.
 */
export class PacedSearch {
  #search;
  #tell;
  #timers;
  #timer = null;
  #wanted = "";
  #isAsking = false;

  /**
   * `search(text)` is asked; `tell({found})` or `tell({failure})` is called with its answer unless another text is wanted
   * by then. `timers` is replaced in tests.
   */
  constructor({ search, tell, timers = globalThis }) {
    this.#search = search;
    this.#tell = tell;
    this.#timers = timers;
  }

  /** Wants this text instead of the one before; an empty one is not asked for. */
  want(text) {
    this.#wanted = text;
    this.#plan();
  }

  #plan() {
    this.#timers.clearTimeout(this.#timer);
    if (this.#isAsking || this.#wanted === "") return;
    this.#timer = this.#timers.setTimeout(() => this.#ask(), delayMilliseconds);
  }

  async #ask() {
    const text = this.#wanted;
    this.#isAsking = true;
    const answer = await this.#search(text).then((found) => ({ found }), (failure) => ({ failure }));
    this.#isAsking = false;
    if (text === this.#wanted) this.#tell(answer);
    else this.#plan();
  }
}
