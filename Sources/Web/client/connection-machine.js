/** A socket that has not opened by then is given up. */
const connectTimeoutMilliseconds = 4000;
/** Without a frame for this long a ping is sent; without one for as long again and a bit, the line is lost. */
const pingAfterMilliseconds = 4000;
/** Silence that means a lost connection (protocol.md, "Closing"). */
const silenceMilliseconds = 10000;
/** A session that lived this long proves that connecting works: the next failure starts from no delay. */
const provenMilliseconds = 5000;
const firstBackoffMilliseconds = 250;
const overloadedMilliseconds = 1000;
const longestBackoffMilliseconds = 10000;

/** Close codes after which this client does not come back by itself. */
const finalCodes = new Set([4401, 4403, 4404, 4408, 4410]);
/** After this many in a row of 1008 the client stops: it would only be told so again. */
const toleratedAbuses = 3;

/**
 * The connecting half of a client: which node, when, and when to give up a connection. A pure machine: times
 * are milliseconds of a monotonic clock and passed in; `random` gives numbers in [0, 1).
 *
 * Actions: `{kind: "connect", url}` (drop any socket, open one to this node), `{kind: "ping"}`,
 * `{kind: "lost"}` (drop the socket: it is dead), `{kind: "stopped", code}` (it ends here, tell the user).
 */
export class ConnectionMachine {
  /** `"idle"`, `"connecting"`, `"open"`, `"waiting"` or `"stopped"`. */
  state = "idle";
  /** The node that is connected, or tried. */
  url;
  /** When a waiting machine tries again. */
  retryAt = null;

  #urls;
  #random;
  #since = 0;
  #heardAt = 0;
  #pingedAt = null;
  #failures = 0;
  #abuses = 0;

  /** `urls`: base URLs of nodes, the preferred one first. */
  constructor({ urls, random }) {
    this.#urls = [...urls];
    this.#random = random;
    this.url = urls[0];
  }

  get urls() { return [...this.#urls]; }
  /** Whether every known node has been tried since the last session that worked. */
  get isFailing() { return this.#failures >= this.#urls.length; }

  /** Other members to go to. The node in use stays known even if it is not among them. */
  learn(urls) {
    this.#urls = [...new Set([this.url, ...urls])];
  }

  start(now) {
    this.#failures = 0;
    return this.#connect(this.url, now);
  }

  /** Connects to this node, now, whatever the state. */
  moveTo(url, now) {
    if (!this.#urls.includes(url)) this.#urls.push(url);
    this.#failures = 0;
    return this.#connect(url, now);
  }

  /** The network may be back, or the user is impatient: a waiting machine tries now. */
  hurry(now) {
    return this.state === "waiting" ? this.#connect(this.url, now) : [];
  }

  stop() {
    this.state = "stopped";
    return [];
  }

  opened(now) {
    if (this.state !== "connecting") return [];
    this.state = "open";
    this.#since = now;
    this.#heardAt = now;
    this.#pingedAt = null;
    return [];
  }

  heard(now) {
    this.#heardAt = now;
    this.#pingedAt = null;
    return [];
  }

  /** The socket closed, or never opened; `code` is the close code, 1006 for none. */
  closed(code, now) {
    if (this.state !== "connecting" && this.state !== "open") return [];
    if (finalCodes.has(code)) return this.#stopped(code);
    this.#abuses = code === 1008 ? this.#abuses + 1 : 0;
    if (this.#abuses >= toleratedAbuses) return this.#stopped(code);
    if (this.state === "open" && now - this.#since >= provenMilliseconds) this.#failures = 0;
    return this.#retry(code, now);
  }

  tick(now) {
    if (this.state === "waiting" && now >= this.retryAt) return this.#connect(this.url, now);
    if (this.state === "connecting" && now - this.#since >= connectTimeoutMilliseconds) return this.#lose(now);
    if (this.state !== "open") return [];
    if (this.#pingedAt !== null) {
      // A page whose timers sleep has not asked yet: silence counts from the ping.
      const answerBy = this.#pingedAt + silenceMilliseconds - pingAfterMilliseconds;
      return now >= answerBy ? this.#lose(now) : [];
    }
    if (now - this.#heardAt < pingAfterMilliseconds) return [];
    this.#pingedAt = now;
    return [{ kind: "ping" }];
  }

  #lose(now) {
    return [{ kind: "lost" }, ...this.closed(1006, now)];
  }

  #stopped(code) {
    this.state = "stopped";
    return [{ kind: "stopped", code }];
  }

  #connect(url, now) {
    this.state = "connecting";
    this.url = url;
    this.retryAt = null;
    this.#since = now;
    return [{ kind: "connect", url }];
  }

  /**
   * The next node: at once after a session that worked, then after a pause that doubles with each round over
   * all nodes, half of it random so that the clients of a dead node do not all come at one time.
   */
  #retry(code, now) {
    const next = (this.#urls.indexOf(this.url) + 1) % this.#urls.length;
    this.url = this.#urls[next];
    const round = Math.floor(this.#failures / this.#urls.length);
    const isFresh = this.#failures === 0;
    this.#failures += 1;
    let pause = Math.min(longestBackoffMilliseconds, firstBackoffMilliseconds * 2 ** round);
    if (code === 1013) pause = Math.max(pause, overloadedMilliseconds);
    else if (isFresh || code === 1001) pause = 0;
    pause *= 0.5 + this.#random() / 2;
    if (pause === 0) return this.#connect(this.url, now);
    this.state = "waiting";
    this.retryAt = now + pause;
    return [];
  }
}
