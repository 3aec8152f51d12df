import { BufferParts } from "./buffer-parts.js";
import { DigestWatch } from "./digest-watch.js";
import { documentDigest } from "./digest.js";
import { LocalDocument } from "./local-document.js";
import { changesSomething, encodedBytes, isDivisible, repair, wellShaped } from "./operation-shape.js";
import { OwnSelection } from "./own-selection.js";
import { leastBytes } from "./oversize-edits.js";
import { Presence } from "./presence.js";
import { SizeLimits } from "./size-limits.js";

/** A submission without an ack is sent again after this (protocol.md, "Closing"). */
export const resendAfterMilliseconds = 5000;
/** Between two requests for a resync. */
export const resyncPauseMilliseconds = 5000;

/**
 * The editing half of a `collab.v1` client: a pure machine. It is told what the user did, what the server
 * said and what time it is (milliseconds of any monotonic clock), and answers with actions for its shell:
 *
 * - `{kind: "send", message}`: put this on the connection
 * - `{kind: "reset", content}`: the editor shows exactly this Delta from now on
 * - `{kind: "change", delta, author}`: the editor applies this Delta, which is not the user's
 * - `{kind: "presence"}`, `{kind: "status"}`: something of this kind has changed; read it from the machine
 * - `{kind: "problem", code, message}`: to be shown to the user
 *
 * What it knows of the document is in `LocalDocument`, which see for what holds at every moment.
 */
export class EditMachine {
  clientId;
  permission = "edit";
  /** The server's message while it holds edits without making them durable; else null. */
  degraded = null;
  /** Whether this connection's first message and catch-up are complete and no resync is awaited. */
  live = false;

  #Delta;
  #makeOperationId;
  #document = null;
  #presence = new Presence();
  #selection = new OwnSelection();
  #watch = new DigestWatch();
  #connected = false;
  #head = null;
  #resyncAskedAt = null;
  #retryAt = -Infinity;
  #invalidInARow = 0;
  #lastError = null;
  #sizes = new SizeLimits();
  /** Why nothing that is unsaved is taken, `{code, message}`; sending waits for `retry`. */
  #refused = null;
  #parts;
  #heldCount = 0;

  /** `clientId` of an earlier connection, to be the same client; `draft` is what `draft()` of it gave. */
  constructor({ Delta, makeOperationId, clientId = null, draft = null }) {
    this.#Delta = Delta;
    this.#parts = new BufferParts(Delta, this.#sizes);
    this.#makeOperationId = makeOperationId;
    this.clientId = draft?.clientId ?? clientId;
    if (draft) this.#document = LocalDocument.restored(Delta, draft);
  }

  get hasContent() { return this.#document !== null; }
  get hasUnsaved() { return this.#document?.hasUnsaved ?? false; }
  get mayEdit() { return this.permission !== "view"; }
  /** What the server holds a client to, as it told. */
  get limits() { return this.#sizes.told; }
  /** The bytes of the largest operation that may be sent; infinite where the server does not say. */
  get largestOperationBytes() { return this.#sizes.operationBytes; }

  /**
   * Why the server will not take edits of the user, `{code, message}`, or null. They are kept until `retry` or
   * `discardUnsaved`. With `held`, the causes of `setOversizeAside`, they are single edits that are too large,
   * which were not sent: everything else goes on being saved. Without it everything unsaved waits.
   */
  get refusal() {
    if (this.#refused !== null || this.#document === null) return this.#refused;
    const { causes } = this.#parts.of(this.#document);
    return causes.length === 0 ? null : { code: "too_large", message: "an edit is too large", held: causes };
  }

  get others() { return [...this.#presence.others.values()]; }
  get ownColor() { return this.#presence.ownColor; }
  /** The last version applied; -1 before the first content. */
  get version() { return this.#document?.version ?? -1; }
  /** The document as the server has it at `version`; null before the first content. */
  get baseContent() { return this.#document?.base ?? null; }
  /** The document as the editor must show it; null before the first content. */
  get localContent() { return this.#document?.content ?? null; }
  get localLength() { return this.#document?.length ?? 0; }

  /** The query parameters with which a connection resumes; none for a first one. */
  resumeParameters() {
    if (this.clientId === null) return {};
    if (this.#document === null) return { clientId: this.clientId };
    const { version, base } = this.#document;
    return { clientId: this.clientId, version, digest: documentDigest(base.ops) };
  }

  /** All that is needed to go on with the unsaved edits in another life of the page; null without any. */
  draft() {
    return this.hasUnsaved ? { clientId: this.clientId, ...this.#document.draft() } : null;
  }

  // What the user does.

  /** The user changed the editor by `change`, after which he is at `selection`. */
  edit(change, selection, now) {
    if (this.#document === null) return [];
    const { operation, repaired } = wellShaped(this.#Delta, change);
    const wasUnsaved = this.hasUnsaved;
    if (!this.#document.edit(operation)) {
      // The editor shows another document than this one, which no edit of a working editor leads to.
      return [{ kind: "reset", content: this.localContent }, problem("editor", "The editor was out of step.")];
    }
    this.#presence.move(operation, null);
    if (selection) this.#selection.set(selection);
    const actions = repaired ? [{ kind: "change", delta: repair(this.#Delta, change), author: null }] : [];
    actions.push(...this.#flush(now));
    if (wasUnsaved !== this.hasUnsaved) actions.push({ kind: "status" });
    return actions;
  }

  select(selection, now) {
    this.#selection.set(selection);
    return this.#document === null ? [] : this.#flush(now);
  }

  /** Gives up what is refused: the only way in which an edit is ever dropped, and the user's choice. */
  discardUnsaved() {
    if (this.#document === null) return [];
    if (this.refusal?.held) {
      const change = this.#document.discardHeld(this.#parts.of(this.#document));
      return [...this.#changed(change, null), ...this.#noteHeld()];
    }
    this.#document.discardUnsaved();
    this.#endRefusal();
    return [{ kind: "reset", content: this.baseContent }, { kind: "status" }];
  }

  /** Tries again what the server refused. */
  retry(now) {
    this.#endRefusal();
    this.#sizes.forgetRefusals();
    return [...this.#sendHeld(now), { kind: "status" }];
  }

  // What the connection does.

  connected() {
    this.#connected = true;
    return [];
  }

  disconnected() {
    this.#connected = false;
    this.live = false;
    this.degraded = null;
    this.#head = null;
    this.#resyncAskedAt = null;
    this.#selection.forget();
    if (this.#document?.inFlight) this.#document.inFlight.sentAt = null;
    this.#presence.replaceAll([], this.clientId, (position) => position);
    return [{ kind: "presence" }, { kind: "status" }];
  }

  /** The server closed the connection for a frame that was too large (1009). */
  frameWasTooLarge() {
    if (this.#document?.inFlight) this.#document.inFlight.isTooLarge = true;
  }

  /** Does what is due by the clock. */
  tick(now) {
    if (this.#connected && this.#resyncAskedAt !== null && now - this.#resyncAskedAt >= resyncPauseMilliseconds) {
      return this.#askForResync(now);
    }
    if (!this.#maySend()) return [];
    const inFlight = this.#document.inFlight;
    if (inFlight === null) return this.#flush(now);
    const isDue = now - inFlight.sentAt >= resendAfterMilliseconds;
    return isDue && !this.#isTooLarge(inFlight) ? [this.#submission(now)] : [];
  }

  /** Takes one message of the server, parsed. */
  receive(message, now) {
    switch (message.type) {
      case "init":
      case "resync": return this.#takeContent(message, now);
      case "catchup": return this.#takeCatchup(message, now);
      case "ack": return this.#takeAck(message, now);
      case "operation": return this.#takeOperations([message], now);
      case "operations": return this.#takeOperations(message.operations, now);
      case "permission": return this.#takePermission(message.permission, now);
      case "error": return this.#takeError(message, now);
      case "cursor":
      case "selection":
      case "client_join":
      case "client_leave": return this.#takePresence(message);
      case "degraded":
      case "restored":
        this.degraded = message.type === "degraded" ? message.message ?? "" : null;
        return [{ kind: "status" }];
      default: return [];
    }
  }

  // Content and catch-up.

  #takeContent(message, now) {
    this.#takeSession(message);
    const { version } = message;
    const content = new this.#Delta(message.content.ops ?? message.content);
    const inFlight = this.#document?.inFlight ?? null;
    const actions = [];
    if (this.#document === null) {
      this.#document = new LocalDocument(this.#Delta, content, version);
      actions.push({ kind: "reset", content });
    } else if (this.#document.wasRefused(message.lastOperationId)) {
      actions.push(...this.#settleRefused(message.lastOperationId, content, version));
    } else if (inFlight && (inFlight.committed || message.lastOperationId === inFlight.operationId)) {
      actions.push(...this.#changed(this.#document.settle(content, version), null));
      this.#invalidInARow = 0;
    } else {
      actions.push(...this.#changed(this.#document.rebase(content, version), null));
      // The server may still commit the form that it was sent before; the ack's digest will tell.
      if (inFlight) this.#watch.insist();
    }
    if (message.clients) this.#takeClients(message.clients);
    this.#head = null;
    this.#resyncAskedAt = null;
    this.live = this.#connected;
    if (message.rejected !== undefined && this.#document.inFlight?.operationId === message.rejected) {
      actions.push(...this.#takeRejection(message));
    }
    actions.push(...this.#sendHeld(now), { kind: "presence" }, { kind: "status" });
    return actions;
  }

  #takeCatchup(message, now) {
    if (this.#document === null) return this.#askForResync(now);
    this.#takeSession(message);
    // The digest is that of the version that this message brings, and more may follow up to the head.
    const head = message.head ?? message.version;
    this.#head = { version: head, digest: head === message.version ? message.digest : undefined };
    const actions = this.#takeOperations(message.operations, now);
    this.#takeClients(message.clients ?? []);
    actions.push({ kind: "presence" });
    return actions;
  }

  #takeSession({ clientId, permission, limits }) {
    if (clientId !== undefined) this.clientId = clientId;
    if (permission !== undefined) this.permission = permission;
    if (limits) this.#sizes.told = limits;
  }

  #takeClients(clients) {
    this.#presence.replaceAll(clients, this.clientId, (place, stays) => this.#document.toLocal(place, stays));
  }

  // The order of versions.

  #takeAck({ operationId, version, digest }, now) {
    if (this.#document === null) return [];
    const isMine = this.#document.inFlight?.operationId === operationId;
    if (!isMine && version <= this.version) return [];
    if (!isMine || version !== this.version + 1) {
      // A version is missing here, or the commit is of an earlier life of this client and not known here.
      if (isMine) this.#document.inFlight.committed = true;
      return this.#askForResync(now);
    }
    this.#document.acknowledge(version);
    this.#invalidInARow = 0;
    const verdict = this.#watch.compare(this.#document, digest, now);
    if (verdict === "different") return this.#askForResync(now);
    const actions = [...this.#flush(now), { kind: "status" }];
    if (verdict === "given up") actions.push(problem("digest", "The document's digest keeps differing."));
    return actions;
  }

  #takeOperations(operations, now) {
    if (this.#document === null) return [];
    const actions = [];
    for (const entry of operations) {
      if (entry.version <= this.version) continue;
      if (entry.version !== this.version + 1) return [...actions, ...this.#askForResync(now)];
      actions.push(...this.#takeCommit(entry));
    }
    if (actions.length > 0) actions.push({ kind: "presence" });
    if (this.#head !== null && this.version >= this.#head.version) actions.push(...this.#endCatchUp(now));
    return actions;
  }

  #endCatchUp(now) {
    const { version, digest } = this.#head;
    this.#head = null;
    if (this.#resyncAskedAt !== null) return [];
    this.#watch.insist();
    const isTold = digest !== undefined && version === this.version;
    if (isTold && this.#watch.compare(this.#document, digest, now) === "different") {
      return this.#askForResync(now);
    }
    this.live = true;
    return [...this.#sendHeld(now), { kind: "status" }];
  }

  #takeCommit({ clientId, operationId, version, operation }) {
    const committed = new this.#Delta(operation.ops ?? operation);
    const { inFlight } = this.#document;
    if (inFlight && clientId === this.clientId && operationId === inFlight.operationId) {
      this.#invalidInARow = 0;
      const content = this.#document.baseAfter(committed);
      return [...this.#changed(this.#document.settle(content, version), null), { kind: "status" }];
    }
    if (clientId === this.clientId && this.#document.wasRefused(operationId)) {
      const content = this.#document.baseAfter(committed);
      return [...this.#settleRefused(operationId, content, version), { kind: "status" }];
    }
    return this.#changed(this.#document.commit(committed, version), clientId);
  }

  #settleRefused(operationId, content, version) {
    this.#endRefusal();
    return this.#changed(this.#document.settleRefused(operationId, content, version), null);
  }

  #changed(delta, author) {
    if (delta.ops.length === 0) return [];
    this.#presence.move(delta, author);
    this.#selection.move(delta);
    return [{ kind: "change", delta, author }];
  }

  #askForResync(now) {
    this.live = false;
    if (this.#resyncAskedAt !== null && now - this.#resyncAskedAt < resyncPauseMilliseconds) return [];
    this.#resyncAskedAt = now;
    return [{ kind: "send", message: { type: "resync" } }, { kind: "status" }];
  }

  // What the server refuses.

  /**
   * The operation in flight was not applied. It goes back into the buffer and is sent under a new id: smaller if it was too
   * large, mended once if it was invalid; else it waits for the user. Of the two ids the server applies one at most.
   */
  #takeRejection({ rejected, reason }) {
    const told = this.#lastError?.operationId === rejected ? this.#lastError : { code: reason, message: reason };
    if (told.code === "too_large") return this.#takeBackTooLarge(told.message);
    this.#document.takeBack();
    if (told.code === "invalid_operation") {
      this.#invalidInARow += 1;
      if (this.#invalidInARow === 1) return this.#changed(this.#document.mend(), null);
    }
    return this.#refuse(told.code ?? "rejected", told.message ?? "");
  }

  /** What is in flight goes back into the buffer, to be sent in smaller parts or, where there are none, to be held. */
  #takeBackTooLarge(message) {
    const { operation } = this.#document.inFlight;
    this.#document.takeBack();
    // The buffer was based on a shorter document, or on other limits, when this part of it was sent.
    if (this.#sizes.room(this.#document.baseLength) < operation.changeLength()) return [];
    const effects = operation.ops.filter(changesSomething);
    if (effects.some((op) => leastBytes(op) > this.#sizes.largestOpBytes)) return [];
    if (isDivisible(operation) && this.#sizes.cutBelow(encodedBytes(operation.ops))) return [];
    const [op] = effects;
    if (effects.length === 1 && (op.attributes || typeof op.insert === "object")) {
      this.#sizes.refuseOp(leastBytes(op));
      return [];
    }
    return this.#refuse("too_large", message ?? "");
  }

  #refuse(code, message) {
    this.#refused = { code, message };
    return [problem(code, message)];
  }

  #takeError({ code, message, operationId }, now) {
    this.#lastError = { code, message, operationId };
    const inFlight = this.#document?.inFlight ?? null;
    if (operationId === undefined) return [problem(code, message ?? "")];
    // Of a submission that has been settled since: it was sent twice and answered twice.
    if (operationId !== inFlight?.operationId) return [];
    // The whole document follows, and with it the operation goes out again.
    if (code === "conflict") return [];
    if (code === "rate_limited" || code === "unavailable") {
      // The same id again after a while that grows; the clock of the resend is set back to make it due then.
      inFlight.refusals = (inFlight.refusals ?? 0) + 1;
      const pause = Math.min(resendAfterMilliseconds, 125 * 2 ** inFlight.refusals);
      inFlight.sentAt = now + pause - resendAfterMilliseconds;
    }
    return [];
  }

  #takePermission(permission, now) {
    this.permission = permission;
    if (this.mayEdit && this.#refused?.code === "forbidden") this.#endRefusal();
    return [...this.#sendHeld(now), { kind: "status" }];
  }

  #endRefusal() {
    this.#refused = null;
    this.#invalidInARow = 0;
  }

  /** Tells when edits became too large to be sent, or are not any more. */
  #noteHeld() {
    const { length } = this.#parts.of(this.#document).causes;
    const isMore = length > this.#heldCount;
    if (length === this.#heldCount) return [];
    this.#heldCount = length;
    return [...(isMore ? [problem("too_large", "an edit is too large")] : []), { kind: "status" }];
  }

  // Sending.

  #maySend() {
    return this.live && this.mayEdit && this.#refused === null;
  }

  /** At the start of a connection and after a resync: the submission that nobody acknowledged goes again. */
  #sendHeld(now) {
    const { inFlight } = this.#document;
    if (!this.#maySend() || inFlight === null) return this.#flush(now);
    if (!this.#isTooLarge(inFlight)) return [this.#submission(now)];
    // It has grown while it moved over others' edits: the form in which this connection carried it is answered.
    if (inFlight.sentAt !== null) return [];
    // Nobody took it: else it would have been among what this connection told first.
    return [...this.#takeBackTooLarge(), ...this.#flush(now)];
  }

  #isTooLarge(inFlight) {
    return inFlight.isTooLarge || encodedBytes(inFlight.operation.ops) > this.#sizes.operationBytes;
  }

  #flush(now) {
    const actions = this.#noteHeld();
    if (!this.live || this.#document.inFlight !== null) return actions;
    const parts = this.#parts.of(this.#document);
    if (parts.sendable.ops.length === 0) {
      const messages = this.#selection.messages(this.version, parts.place);
      return [...actions, ...messages.map((message) => ({ kind: "send", message }))];
    }
    if (!this.#maySend()) return actions;
    this.#document.startSubmission(this.#makeOperationId(), this.#sizes.partBytes, now, parts);
    return [...actions, this.#submission(now)];
  }

  #submission(now) {
    const { inFlight, version } = this.#document;
    inFlight.sentAt = now;
    const { sendable, place } = this.#parts.of(this.#document);
    const presence = sendable.ops.length === 0 ? this.#selection.fields(place) : {};
    const { operationId, operation: { ops } } = inFlight;
    return { kind: "send", message: { type: "operation", operationId, version, operation: ops, ...presence } };
  }

  #takePresence(message) {
    if (this.#document === null || message.clientId === this.clientId) return [];
    this.#presence.take(message, (position, stays) => this.#document.toLocal(position, stays));
    return [{ kind: "presence" }];
  }
}

function problem(code, message) {
  return { kind: "problem", code, message };
}
