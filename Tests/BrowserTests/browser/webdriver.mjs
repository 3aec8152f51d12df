import { spawn } from "node:child_process";
import { createServer } from "node:net";

const elementKey = "element-6066-11e4-a52e-4f735466cecf"; // W3C WebDriver, section 12.1
const startMilliseconds = 20000;

/** A running chromedriver: `open` gives windows, each a browser with a profile of its own. */
export class Driver {
  #process;
  #url;
  #windows = [];

  /** Starts chromedriver on `port`, or on a free one. */
  static async start({ port = null, chromium = "/usr/bin/chromium", chromedriver = "chromedriver" } = {}) {
    const driver = new Driver();
    const chosen = port ?? await freePort();
    driver.chromium = chromium;
    driver.#url = `http://127.0.0.1:${chosen}`;
    driver.#process = spawn(chromedriver, [`--port=${chosen}`], { stdio: "ignore" });
    const failure = new Promise((_, reject) => {
      driver.#process.once("error", reject);
      // Of a taken port, say: whoever answers there is not ours.
      driver.#process.once("exit", (code) => reject(new Error(`chromedriver ended with status ${code}`)));
    });
    failure.catch(() => {});
    await Promise.race([failure, waitFor("chromedriver to start", async () => {
      const status = await fetch(`${driver.#url}/status`).then((response) => response.json(), () => null);
      return status?.value.ready;
    }, startMilliseconds)]);
    return driver;
  }

  async open({ width = 1280, height = 860, dark = false } = {}) {
    const args = [
      "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
      // A window in the background is a window like any other here.
      "--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding",
      `--window-size=${width},${height}`, ...(dark ? ["--blink-settings=preferredColorScheme=0"] : []),
    ];
    const capabilities = {
      browserName: "chrome", "goog:chromeOptions": { binary: this.chromium, args }, "goog:loggingPrefs": { browser: "ALL" },
    };
    const { sessionId } = await call("POST", `${this.#url}/session`, { capabilities: { alwaysMatch: capabilities } });
    const window = new Window(`${this.#url}/session/${sessionId}`);
    this.#windows.push(window);
    return window;
  }

  async stop() {
    for (const window of this.#windows) await window.close().catch(() => {});
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill();
    await ended;
  }
}

/** One browser window over WebDriver (https://www.w3.org/TR/webdriver2/). */
export class Window {
  #url;

  constructor(url) {
    this.#url = url;
  }

  go(url) { return this.#call("POST", "/url", { url }); }
  close() { return this.#call("DELETE", ""); }

  /** Runs a function's body in the page; returns what it returns. */
  run(script, ...args) { return this.#call("POST", "/execute/sync", { script, args }); }

  async find(selector) {
    return (await this.#call("POST", "/element", { using: "css selector", value: selector }))[elementKey];
  }

  async click(selector) { await this.#call("POST", `/element/${await this.find(selector)}/click`, {}); }
  async type(selector, text) { await this.#call("POST", `/element/${await this.find(selector)}/value`, { text }); }

  /** Presses keys one after the other, wherever the focus is. */
  press(text) {
    const actions = [...text].flatMap((value) => [{ type: "keyDown", value }, { type: "keyUp", value }]);
    return this.#call("POST", "/actions", { actions: [{ type: "key", id: "keyboard", actions }] });
  }

  /** Presses `key` with a modifier held down. */
  chord(modifier, key) {
    const actions = [
      { type: "keyDown", value: modifier }, { type: "keyDown", value: key },
      { type: "keyUp", value: key }, { type: "keyUp", value: modifier },
    ];
    return this.#call("POST", "/actions", { actions: [{ type: "key", id: "keyboard", actions }] });
  }

  /** The tabs of this browser, oldest first; `show` makes one of them the one that is driven. */
  tabs() { return this.#call("GET", "/window/handles"); }
  show(tab) { return this.#call("POST", "/window", { handle: tab }); }

  async screenshot() { return Buffer.from(await this.#call("GET", "/screenshot"), "base64"); }
  log() { return this.#call("POST", "/se/log", { type: "browser" }); }

  #call(method, path, body) { return call(method, this.#url + path, body); }
}

export const keys = { control: "\uE009", end: "\uE010", home: "\uE011", enter: "\uE007", shift: "\uE008" };

async function call(method, url, body) {
  const response = await fetch(url, { method, body: body === undefined ? undefined : JSON.stringify(body) });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`${value.error}: ${value.message}`);
  return value;
}

/** Asks again until the answer is true; gives up with an error that says what was awaited. */
export async function waitFor(what, ask, milliseconds = 15000) {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${milliseconds} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** A free port below the ephemeral range, where no outgoing connection can take it in between. */
async function freePort() {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = 20000 + Math.floor(Math.random() * 12000);
    const isFree = await new Promise((resolve) => {
      const server = createServer();
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
    });
    if (isFree) return port;
  }
  throw new Error("no free port");
}
