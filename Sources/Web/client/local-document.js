import { BaseDocument } from "./base-document.js";
import { joinPairs, reach, repair, splitOperation, wellShaped } from "./operation-shape.js";

/** How many refused submissions are remembered; a try again of the user makes one. */
const mostRefused = 32;

/**
 * The document as one editor has it: editor = base ∘ inFlight ∘ buffer.
 *
 * `base` is what the server had at `version`. `inFlight` is the one submission whose ack is awaited, in the
 * form it has after `version`. `buffer` is what the user did since, composed. Only `acknowledge`, `settle`,
 * `settleRefused` (all three: it is durable), `discardHeld` and `discardUnsaved` (the user's choice) take anything out
 * of the two.
 */
export class LocalDocument {
  /**
   * `{operationId, operation, sentAt, committed, isTooLarge}`, or null. `sentAt` is null until this
   * connection has carried it; `committed`: it is durable, but the versions up to it have not all arrived;
   * `isTooLarge`: a connection was closed for its size.
   */
  inFlight = null;
  buffer;
  version;
  /**
   * `{operationId, operation}` of submissions that were refused and went back into the buffer, in the form they have after
   * `version`: until a later one is durable, an older copy of one may still be applied.
   */
  #refused = [];

  #Delta;
  #base;

  constructor(Delta, content, version) {
    this.#Delta = Delta;
    this.#base = new BaseDocument(content);
    this.buffer = new Delta();
    this.version = version;
  }

  /** Goes on from `draft()` of an earlier life of the page. */
  static restored(Delta, draft) {
    const document = new LocalDocument(Delta, new Delta(draft.base), draft.version);
    document.buffer = new Delta(draft.buffer);
    if (draft.inFlight) {
      const { operationId, operation } = draft.inFlight;
      document.inFlight = { operationId, operation: new Delta(operation), sentAt: null, committed: false };
    }
    document.#refused = (draft.refused ?? []).map(({ operationId, operation }) =>
      ({ operationId, operation: new Delta(operation) }));
    return document;
  }

  draft() {
    const { inFlight } = this;
    return {
      version: this.version,
      base: this.base.ops,
      inFlight: inFlight && { operationId: inFlight.operationId, operation: inFlight.operation.ops },
      buffer: this.buffer.ops,
      refused: this.#refused.map(({ operationId, operation }) => ({ operationId, operation: operation.ops })),
    };
  }

  get hasUnsaved() { return this.inFlight !== null || this.buffer.ops.length > 0; }
  get base() { return this.#base.content; }
  get baseLength() { return this.#base.length; }

  get content() {
    const sent = this.inFlight ? this.base.compose(this.inFlight.operation) : this.base;
    return sent.compose(this.buffer);
  }

  get length() {
    return this.lengthBeforeBuffer + this.buffer.changeLength();
  }

  /** Takes an edit of the user; false if it does not fit the document. */
  edit(operation) {
    const beyond = reach(operation) - this.length;
    if (beyond > 1) return false;
    if (beyond === 1) {
      // An editor shows a last line end even where the document has none: then it comes to be by this edit.
      this.buffer = this.buffer.compose(new this.#Delta().retain(this.length).insert("\n"));
    }
    this.buffer = this.buffer.compose(operation);
    return true;
  }

  /** The length of what the buffer is based on. */
  get lengthBeforeBuffer() {
    return this.#base.length + (this.inFlight?.operation.changeLength() ?? 0);
  }

  /**
   * Makes as much of `sendable` as fits into `limitBytes` the submission in flight; `held`, the rest of the
   * buffer, stays in it.
   */
  startSubmission(operationId, limitBytes, now, { sendable, held }) {
    const { first, rest } = splitOperation(this.#Delta, sendable, limitBytes);
    this.inFlight = { operationId, operation: first, sentAt: now, committed: false };
    this.buffer = rest.compose(held);
  }

  /** The submission in flight is version `version`. */
  acknowledge(version) {
    this.#base.apply(this.inFlight.operation);
    this.inFlight = null;
    this.#refused = [];
    this.version = version;
  }

  /** Another's operation is version `version`; answers with the change for the editor. */
  commit(operation, version) {
    const change = this.#overLocalEdits(operation);
    this.#base.apply(operation);
    this.version = version;
    return change;
  }

  /** The submission in flight is part of `content`, which is version `version`. Any difference is the change. */
  settle(content, version) {
    this.acknowledge(version);
    return this.rebase(content, version);
  }

  wasRefused(operationId) {
    return this.#refused.some((refused) => refused.operationId === operationId);
  }

  /**
   * A submission that was refused is part of `content` all the same, which is version `version`: what was sent in its place
   * will not be applied, and what the editor has beyond it is unsaved. Answers with the change for the editor.
   */
  settleRefused(operationId, content, version) {
    const { operation } = this.#refused.find((refused) => refused.operationId === operationId);
    const applied = this.base.compose(operation);
    this.buffer = applied.diff(this.content);
    this.inFlight = null;
    this.#refused = [];
    this.#base = new BaseDocument(applied);
    return this.rebase(content, version);
  }

  /** The server's document is `content` now; unsaved edits move over the difference, which is the change. */
  rebase(content, version) {
    const change = this.#overLocalEdits(this.base.diff(content));
    this.#base = new BaseDocument(content);
    this.version = version;
    return change;
  }

  /** What the server's next operation makes of a content. */
  baseAfter(operation) {
    return this.base.compose(operation);
  }

  /** The submission in flight was refused: it waits in the buffer again. */
  takeBack() {
    const { operationId, operation } = this.inFlight;
    this.#refused = [...this.#refused, { operationId, operation }].slice(-mostRefused);
    this.buffer = operation.compose(this.buffer);
    this.inFlight = null;
  }

  /**
   * Writes the buffer again as the plain difference that it makes, without anything an owner refuses: a
   * pair that an edit came between is joined again, and a difference never cuts one. Answers with the change for the editor.
   */
  mend() {
    const joining = joinPairs(this.#Delta, this.content);
    const joined = this.content.compose(joining);
    this.buffer = this.base.diff(wellShaped(this.#Delta, joined).operation);
    return joining.compose(repair(this.#Delta, joined));
  }

  /** Only `sendable` of the buffer stays, and `held` goes. Answers with the change for the editor. */
  discardHeld({ sendable, held }) {
    this.buffer = sendable;
    return held.invert(this.content);
  }

  discardUnsaved() {
    this.inFlight = null;
    this.#refused = [];
    this.buffer = new this.#Delta();
  }

  /** A position in `base` as one in the editor; `stays` says whether an insert at it leaves it where it is. */
  toLocal(position, stays = true) {
    let local = position;
    if (this.inFlight) local = this.inFlight.operation.transformPosition(local, stays);
    local = this.buffer.transformPosition(local, stays);
    return Math.max(0, Math.min(local, this.length));
  }

  /**
   * Moves the unsaved edits over a change of the base and answers with that change as the editor must apply
   * it. The server's operation is the earlier one and has priority: of two inserts at one place it stays left.
   */
  #overLocalEdits(change) {
    for (const refused of this.#refused) refused.operation = change.transform(refused.operation, true);
    let theirs = change;
    if (this.inFlight) {
      const mine = this.inFlight.operation;
      this.inFlight.operation = theirs.transform(mine, true);
      theirs = mine.transform(theirs, false);
    }
    if (this.buffer.ops.length > 0) {
      const mine = this.buffer;
      this.buffer = theirs.transform(mine, true);
      theirs = mine.transform(theirs, false);
    }
    return theirs;
  }
}
