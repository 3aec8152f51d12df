// Two browser windows on two nodes edit one document, one of the nodes is killed, and nothing may be lost.
//
//   node two-windows.mjs --first URL --second URL [--document ID]
//     [--kill-command 'cmd' | --kill-on-stdin]   ends the node of --first; on stdin a line "killed" says it is done
//     [--chromedriver-port N] [--screenshots DIR]
//
// Prints TAP; the exit status is 0 only if every point is "ok".
import { exec } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import { parseArgs, promisify } from "node:util";
import { documentDigest } from "../../../Sources/Web/client/digest.js";
import { bailOut, finish, point } from "./points.mjs";
import { Driver, keys, waitFor } from "./webdriver.mjs";

const { values: options } = parseArgs({
  options: {
    first: { type: "string" }, second: { type: "string" }, document: { type: "string" },
    "kill-command": { type: "string" }, "kill-on-stdin": { type: "boolean", default: false },
    "chromedriver-port": { type: "string" }, screenshots: { type: "string" },
  },
});
if (!options.first || !options.second) {
  console.error("usage: two-windows.mjs --first URL --second URL [options]");
  process.exit(64);
}

function equal(actual, expected, what) {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (left !== right) throw new Error(`${what}: ${left} is not ${right}`);
}

/** One window of the test, and the tokens that were typed in it. */
class Editor {
  typed = [];
  #window;
  #letter;
  #count = 0;

  constructor(window, letter) {
    this.#window = window;
    this.#letter = letter;
  }

  get page() { return this.#window; }

  async open(url) {
    await this.#window.go(url);
    await this.saved();
    // How long the user's edits were unsaved without a break: what a failover feels like.
    await this.#window.run(`
      window.longestUnsaved = 0;
      let since = null;
      collab.client.addEventListener("unsaved", () => {
        const now = performance.now();
        if (since !== null) window.longestUnsaved = Math.max(window.longestUnsaved, now - since);
        since = collab.client.hasUnsaved ? since ?? now : null;
      });`);
  }

  /** Puts the caret at the end of line `line` and the focus into the editor. */
  caret(line) {
    return this.#window.run(`
      const lines = collab.quill.getText().split("\\n");
      const index = lines.slice(0, arguments[0]).join("\\n").length + (arguments[0] > 0 ? 1 : 0) + lines[arguments[0]].length;
      collab.quill.focus();
      collab.quill.setSelection(index, 0, "user");`, line);
  }

  /** Types tokens with real key presses; bold every third. */
  async type(tokens) {
    for (let index = 0; index < tokens; index += 1) {
      const token = `[${this.#letter}${this.#count}]`;
      this.#count += 1;
      const isBold = this.#count % 3 === 0;
      if (isBold) await this.#window.chord(keys.control, "b");
      await this.#window.press(token);
      if (isBold) await this.#window.chord(keys.control, "b");
      this.typed.push(token);
    }
  }

  status() { return this.#window.run("return globalThis.collab?.client.status ?? null"); }
  saved(milliseconds) { return waitFor("a window to be saved", async () => await this.status() === "saved", milliseconds); }
  node() { return this.#window.run("return collab.client.node"); }
  version() { return this.#window.run("return collab.client.version"); }
  shown() { return this.#window.run("return collab.quill.getContents().ops"); }
  base() { return this.#window.run("return collab.client.baseContent.ops"); }
  longestUnsaved() { return this.#window.run("return window.longestUnsaved"); }
}

async function api(node, path, init) {
  const url = new URL(path, node);
  url.searchParams.set("user", "browser-test");
  url.searchParams.set("name", "Browser test");
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`${init?.method ?? "GET"} ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

/** Both windows show the server's document, and every token is there once, in the order of its typing. */
async function checkConverged(editors, node, id) {
  for (const editor of editors) await editor.saved(30000);
  let server;
  await waitFor("both windows to reach the server's version", async () => {
    server = await api(node, `/api/documents/${id}/content`);
    const versions = await Promise.all(editors.map((editor) => editor.version()));
    return versions.every((version) => version === server.version);
  });
  const expected = documentDigest(server.content);
  const text = server.content.map((op) => (typeof op.insert === "string" ? op.insert : "")).join("");
  for (const [index, editor] of editors.entries()) {
    const shown = await editor.shown();
    equal(shown.map((op) => op.insert).join(""), text, `text of window ${index + 1}`);
    equal(documentDigest(await editor.base()), expected, `digest of window ${index + 1}`);
    equal(documentDigest(shown), expected, `digest of what window ${index + 1} shows`);
    const pattern = new RegExp(`\\[${"ab"[index]}\\d+\\]`, "gu");
    equal(text.match(pattern) ?? [], editor.typed, `tokens of window ${index + 1} in the document`);
  }
}

async function kill() {
  if (options["kill-command"]) {
    await promisify(exec)(options["kill-command"]);
    return;
  }
  console.log("# waiting for \"killed\" on standard input");
  for await (const line of createInterface({ input: process.stdin })) if (line.trim() === "killed") return;
}

const driver = await Driver.start({ port: options["chromedriver-port"] ? Number(options["chromedriver-port"]) : null });
try {
  const id = options.document ?? (await api(options.first, "/api/documents", {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ title: "Two windows", content: [{ insert: "first: \nsecond: \n" }] }),
  })).id;
  const [first, second] = [new Editor(await driver.open(), "a"), new Editor(await driver.open(), "b")];
  const editors = [first, second];
  const picture = async (name) => {
    if (!options.screenshots) return;
    for (const [index, editor] of editors.entries()) {
      await writeFile(`${options.screenshots}/${name}-${index + 1}.png`, await editor.page.screenshot());
    }
  };

  await point("two windows on two nodes open one document", async () => {
    await first.open(`${options.first}/d/${id}`);
    await second.open(`${options.second}/d/${id}`);
    equal([await first.node(), await second.node()], [new URL(options.first).origin, new URL(options.second).origin], "nodes");
    await waitFor("each to see the other", async () => {
      const others = await Promise.all(editors.map((editor) => editor.page.run("return collab.client.others.length")));
      return others.every((count) => count >= 1);
    });
  });

  await point("what both type at the same time, with formats, is in both and on the server", async () => {
    await first.caret(0);
    await second.caret(1);
    await Promise.all([first.type(12), second.type(12)]);
    await checkConverged(editors, options.second, id);
    const bold = (await first.shown()).filter((op) => op.attributes?.bold).map((op) => op.insert);
    equal(bold.length, 8, "runs in bold");
    await picture("typed");
  });

  await point("undo takes back one's own edits only", async () => {
    const before = second.typed.length;
    await first.page.run("collab.quill.history.cutoff()");
    await first.page.press("undone");
    await first.saved();
    await second.type(1);
    await second.saved();
    await waitFor("the other's edit", () => first.page.run("return collab.quill.getText().includes(arguments[0])", second.typed.at(-1)));
    await first.page.chord(keys.control, "z");
    equal(second.typed.length, before + 1, "typed");
    await checkConverged(editors, options.second, id);
    equal((await first.page.run("return collab.quill.getText()")).includes("undone"), false, "the undone text is there");
  });

  await point("edits that never reached a server survive a reload of the page", async () => {
    await second.page.run("WebSocket.prototype.send = () => {}");
    await second.type(2);
    equal(await second.page.run("return collab.client.hasUnsaved"), true, "unsaved edits");
    await second.open(`${options.second}/d/${id}`);
    await checkConverged(editors, options.second, id);
    await second.caret(1);
  });

  if (options["kill-command"] || options["kill-on-stdin"]) {
    await point("no character is lost while a node is killed under both windows", async () => {
      await Promise.all(editors.map((editor) => editor.page.run("window.longestUnsaved = 0")));
      let isOver = false;
      const typing = editors.map(async (editor) => {
        while (!isOver) await editor.type(1);
        await editor.type(6);
      });
      try {
        await waitFor("some typing", () => editors.every((editor) => editor.typed.length > 20));
        await kill();
        await waitFor("the first window to be served by another node", async () =>
          await first.node() !== new URL(options.first).origin && await first.page.run("return collab.client.isConnected"), 30000);
        await picture("killed");
      } finally {
        isOver = true;
        await Promise.all(typing);
      }
      await checkConverged(editors, options.second, id);
      console.log(`# longest time without an ack: surviving window ${Math.round(await second.longestUnsaved())} ms, ` +
        `window of the killed node ${Math.round(await first.longestUnsaved())} ms`);
      await picture("recovered");
    });
  }

  await point("no script error in either window", async () => {
    for (const editor of editors) {
      const errors = (await editor.page.log()).filter(({ source, level }) => level === "SEVERE" && source === "javascript");
      equal(errors.map(({ message }) => message), [], "console");
    }
  });
} catch (error) {
  bailOut(error);
} finally {
  await driver.stop();
}
finish();
