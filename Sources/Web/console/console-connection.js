import { httpOrigin } from "../page/member-list.js";

const subprotocol = "collab.console.v1";
const silenceMilliseconds = 5000;
const firstPauseMilliseconds = 250;
const longestPauseMilliseconds = 4000;

/** Why a node does not let this page look, by the close code; these are not tried again by themselves. */
const refusals = { 4401: "unauthorized", 4403: "forbidden" };

/**
 * The page's WebSocket to one node at a time. Goes to another member when a node is lost, and around all of them until
 * one answers. Emits `message` (`detail`: the message), and `change` when `status`, `node` or `lost` did.
 */
export class ConsoleConnection extends EventTarget {
  /** `"connecting"`, `"live"`, `"lost"` (looking for another node) or `"refused"`. */
  status = "connecting";
  /** The base URL of the node that is talked to or tried. */
  node;
  /** The base URL of the node that was lost last; null once it is the one that answers again. */
  lost = null;
  /** `"unauthorized"` or `"forbidden"`, when refused. */
  refusal = null;
  #nodes;
  #identity;
  #makeSocket;
  #timers;
  #socket = null;
  #silence = null;
  #pause = null;
  #failures = 0;
  #isClosed = false;

  /** `identity` is `{user, name}` or `{token}`; the rest is replaced in tests. */
  constructor({ node, identity, makeSocket = (url, protocol) => new WebSocket(url, protocol), timers = globalThis }) {
    super();
    this.node = node;
    this.#nodes = [node];
    this.#identity = identity;
    this.#makeSocket = makeSocket;
    this.#timers = timers;
  }

  /** The base URLs of the members: where to go when this node is lost. One that cannot be used is passed over. */
  setNodes(nodes) {
    this.#nodes = [...new Set([...nodes, this.node].map(httpOrigin).filter((origin) => origin !== null))];
  }

  open() {
    this.#drop();
    const url = new URL("/api/console", this.node);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    for (const [name, value] of Object.entries(this.#identity)) url.searchParams.set(name, value);
    const socket = this.#makeSocket(url.href, subprotocol);
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      if (socket === this.#socket) this.#receive(data);
    };
    socket.onclose = ({ code }) => {
      if (socket === this.#socket) this.#ended(code);
    };
    this.#expect();
  }

  /** Tries again at once, also after a refusal. */
  retry() {
    this.refusal = null;
    this.#failures = 0;
    this.#set("connecting");
    this.open();
  }

  close() {
    this.#isClosed = true;
    this.#drop();
  }

  #receive(data) {
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return this.#ended(null);
    }
    this.#failures = 0;
    this.#expect();
    if (this.lost === this.node) this.lost = null;
    this.#set("live");
    this.dispatchEvent(new CustomEvent("message", { detail: message }));
  }

  #ended(code) {
    this.#drop();
    if (this.#isClosed) return;
    if (refusals[code]) {
      this.refusal = refusals[code];
      this.#set("refused");
      return;
    }
    if (this.status === "live") this.lost = this.node;
    const next = this.#nodes[(this.#nodes.indexOf(new URL(this.node).origin) + 1) % this.#nodes.length];
    // The first other node is tried at once, each at once in the first round.
    const rounds = Math.floor(this.#failures / this.#nodes.length);
    this.#failures += 1;
    const pause = this.#nodes.length > 1 && rounds === 0 ? 0
      : Math.min(longestPauseMilliseconds, firstPauseMilliseconds * 2 ** Math.min(rounds, 5));
    this.node = next;
    this.#set("lost");
    this.#pause = this.#timers.setTimeout(() => this.open(), pause);
  }

  #expect() {
    this.#timers.clearTimeout(this.#silence);
    this.#silence = this.#timers.setTimeout(() => this.#ended(null), silenceMilliseconds);
  }

  #drop() {
    this.#timers.clearTimeout(this.#silence);
    this.#timers.clearTimeout(this.#pause);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #set(status) {
    this.status = status;
    this.dispatchEvent(new CustomEvent("change"));
  }
}
