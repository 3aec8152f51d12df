import { ConnectionMachine } from "./connection-machine.js";
import { EditMachine } from "./edit-machine.js";

export const subprotocol = "collab.v1";
const tickMilliseconds = 250;
/** Frames are held this long at most while an input method composes. */
const longestHoldMilliseconds = 2000;

/**
 * A `collab.v1` client: the two machines, a WebSocket and a timer. It decides nothing itself.
 *
 * Events (`CustomEvent`, `detail` in brackets): `reset` (Delta), `change` (`{delta, author}`), `presence`,
 * `status`, `problem` (`{code, message}`), `unsaved` (edits became unsaved, or saved), `failed` (an attempt
 * to connect was turned away), `stopped` (`{code}`).
 */
export class CollabClient extends EventTarget {
  documentId;

  #edits;
  #connection;
  #identity;
  #WebSocket;
  #clock;
  #socket = null;
  #timer = null;
  #held = null;
  #connections;

  /**
   * - `Delta`: Quill's Delta class
   * - `nodes`: base URLs of nodes (`http://host:port`), the preferred one first
   * - `identity`: `{user, name}` or `{token}`, sent as query parameters
   * - `clientId`, `draft`: to go on as an earlier client, see `EditMachine`
   * - `firstConnection`: a number above those of all earlier connections of this client (query parameter `connection`)
   */
  constructor({
    Delta, documentId, nodes, identity, clientId = null, draft = null,
    WebSocket = globalThis.WebSocket, clock = () => performance.now(), random = Math.random,
    makeOperationId = randomIdentifier, firstConnection = Date.now(),
  }) {
    super();
    this.documentId = documentId;
    this.#identity = identity;
    this.#WebSocket = WebSocket;
    this.#clock = clock;
    this.#connections = firstConnection;
    this.#edits = new EditMachine({ Delta, makeOperationId, clientId, draft });
    this.#connection = new ConnectionMachine({ urls: nodes, random });
  }

  get clientId() { return this.#edits.clientId; }
  get version() { return this.#edits.version; }
  get others() { return this.#edits.others; }
  get ownColor() { return this.#edits.ownColor; }
  get permission() { return this.#edits.permission; }
  get mayEdit() { return this.#edits.mayEdit; }
  get limits() { return this.#edits.limits; }
  get largestOperationBytes() { return this.#edits.largestOperationBytes; }
  get refusal() { return this.#edits.refusal; }
  get hasContent() { return this.#edits.hasContent; }
  get hasUnsaved() { return this.#edits.hasUnsaved; }
  get localContent() { return this.#edits.localContent; }
  get localLength() { return this.#edits.localLength; }
  get baseContent() { return this.#edits.baseContent; }
  get node() { return this.#connection.url; }
  get isConnected() { return this.#connection.state === "open" && this.#edits.live; }
  get nodes() { return this.#connection.urls; }

  /**
   * `"loading"`, `"unreachable"` (no content yet, and no node answers), `"stopped"`, `"offline"`, `"refused"`,
   * `"degraded"`, `"saving"` or `"saved"`.
   */
  get status() {
    if (this.#connection.state === "stopped") return "stopped";
    if (!this.hasContent) return this.#connection.isFailing ? "unreachable" : "loading";
    if (this.#edits.refusal !== null) return "refused";
    if (!this.isConnected) return "offline";
    if (this.#edits.degraded !== null) return "degraded";
    return this.hasUnsaved ? "saving" : "saved";
  }

  draft() { return this.#edits.draft(); }

  start() {
    this.#timer ??= setInterval(() => this.#tick(), tickMilliseconds);
    if (this.hasContent) this.#emit("reset", this.localContent);
    this.#performConnection(this.#connection.start(this.#clock()));
  }

  /** Closes for good; unsaved edits stay in `draft()`. */
  close() {
    clearInterval(this.#timer);
    this.#timer = null;
    this.#connection.stop();
    this.#dropSocket();
  }

  edit(change, selection) { this.#perform(this.#edits.edit(change, selection, this.#clock())); }
  select(selection) { this.#perform(this.#edits.select(selection, this.#clock())); }
  retry() { this.#perform(this.#edits.retry(this.#clock())); }
  discardUnsaved() { this.#perform(this.#edits.discardUnsaved()); }
  learnNodes(urls) { this.#connection.learn(urls); }
  hurry() { this.#performConnection(this.#connection.hurry(this.#clock())); }

  /** Serves this editor from another node; nothing is lost on the way. */
  moveTo(url) { this.#performConnection(this.#connection.moveTo(url, this.#clock())); }

  /** Connects again as somebody else: a new name. */
  identify(identity) {
    this.#identity = identity;
    this.moveTo(this.node);
  }

  /** Ends here, with this close code, as if the server had said it. */
  stop(code) {
    this.#connection.stop();
    this.#dropSocket();
    this.#emit("stopped", { code });
    this.#emit("status");
  }

  /** Leaves what the server says unread, while an input method composes in the editor. */
  hold() {
    this.#held ??= { messages: [], since: this.#clock() };
  }

  release() {
    const messages = this.#held?.messages ?? [];
    this.#held = null;
    for (const message of messages) this.#take(message);
  }

  // The socket.

  #open(url) {
    this.#dropSocket();
    const address = new URL(`/doc/${encodeURIComponent(this.documentId)}`, url);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    const parameters = { ...this.#identity, ...this.#edits.resumeParameters(), connection: this.#connections };
    this.#connections += 1;
    for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
    const socket = new this.#WebSocket(address.href, subprotocol);
    this.#socket = socket;
    let didOpen = false;
    socket.onopen = () => {
      if (this.#socket !== socket) return;
      didOpen = true;
      this.#connection.opened(this.#clock());
      this.#perform(this.#edits.connected());
      this.#emit("status");
    };
    socket.onmessage = (event) => {
      if (this.#socket === socket) this.#receive(event.data);
    };
    socket.onclose = (event) => {
      if (this.#socket !== socket) return;
      this.release();
      this.#socket = null;
      if (event.code === 1009) this.#edits.frameWasTooLarge();
      this.#perform(this.#edits.disconnected());
      this.#performConnection(this.#connection.closed(event.code, this.#clock()));
      if (!didOpen) this.#emit("failed", { url });
      this.#emit("status");
    };
  }

  #dropSocket() {
    const socket = this.#socket;
    if (socket === null) return;
    this.release();
    this.#socket = null;
    socket.close(1000);
    this.#perform(this.#edits.disconnected());
  }

  #receive(data) {
    this.#connection.heard(this.#clock());
    const message = JSON.parse(data);
    if (this.#held) this.#held.messages.push(message);
    else this.#take(message);
  }

  #take(message) {
    this.#perform(this.#edits.receive(message, this.#clock()));
  }

  #tick() {
    const now = this.#clock();
    if (this.#held && now - this.#held.since >= longestHoldMilliseconds) this.release();
    this.#performConnection(this.#connection.tick(now));
    if (this.#connection.state === "open") this.#perform(this.#edits.tick(now));
  }

  #performConnection(actions) {
    for (const action of actions) {
      if (action.kind === "connect") this.#open(action.url);
      else if (action.kind === "ping") this.#send({ type: "ping" });
      else if (action.kind === "lost") this.#dropSocket();
      else if (action.kind === "stopped") this.#emit("stopped", { code: action.code });
    }
    if (actions.length > 0) this.#emit("status");
  }

  #perform(actions) {
    for (const action of actions) {
      switch (action.kind) {
        case "send": this.#send(action.message); break;
        case "reset": this.#emit("reset", action.content); break;
        case "change": this.#emit("change", { delta: action.delta, author: action.author }); break;
        case "problem": this.#emit("problem", { code: action.code, message: action.message }); break;
        default: this.#emit(action.kind);
      }
    }
    if (actions.length > 0) this.#emit("unsaved");
  }

  #send(message) {
    if (this.#socket?.readyState === 1) this.#socket.send(JSON.stringify(message));
  }

  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** 128 random bits in hexadecimal; works on pages without a secure context as well. */
export function randomIdentifier() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
