// The page that the README shows, served by somebody else than a node, edits a document together with the editor page.
//
//   node own-page.mjs --nodes URL,URL --port N [--kill-command 'cmd'] [--chromedriver-port N]
//
// The nodes have to allow the origin http://127.0.0.1:N; the command ends the first of them.
// Prints TAP; the exit status is 0 only if every point is "ok".
import assert from "node:assert/strict";
import { exec } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { parseArgs, promisify } from "node:util";
import { bailOut, finish, point } from "./points.mjs";
import { Driver, waitFor } from "./webdriver.mjs";

const { values: options } = parseArgs({
  options: {
    nodes: { type: "string" }, port: { type: "string" }, "kill-command": { type: "string" },
    "chromedriver-port": { type: "string" },
  },
});
const nodes = options.nodes?.split(",") ?? [];
if (nodes.length !== 2 || !options.port) {
  console.error("usage: own-page.mjs --nodes URL,URL --port N [options]");
  process.exit(64);
}

/** The page as the README has it, for these nodes and this document. */
async function pageOfReadme(document) {
  const readme = await readFile(new URL("../../../README.md", import.meta.url), "utf8");
  const section = readme.split("\n## Put it into your own page\n")[1];
  const page = section?.match(/```html\n(.*?)```/su)?.[1];
  assert.ok(page, "the README shows no page");
  return page.replaceAll("http://127.0.0.1:3001", nodes[0]).replaceAll("http://127.0.0.1:3002", nodes[1])
    .replace('"DOCUMENT"', JSON.stringify(document));
}

async function created() {
  const response = await fetch(`${nodes[1]}/api/documents?user=ann`, { method: "POST", body: '{"title":"Own page"}' });
  return (await response.json()).id;
}

async function text(document) {
  const response = await fetch(`${nodes[1]}/api/documents/${document}/content?format=text&user=ann`);
  return (await response.json()).content;
}

const document = await created();
const page = await pageOfReadme(document);
const absent = await pageOfReadme("00000000-0000-4000-8000-000000000000");
const server = createServer((request, response) => {
  response.setHeader("content-type", "text/html; charset=utf-8");
  response.end(request.url === "/absent" ? absent : page);
});
await new Promise((resolve, reject) => server.once("error", reject).listen(Number(options.port), "127.0.0.1", resolve));
const driver = await Driver.start({ port: options["chromedriver-port"] ? Number(options["chromedriver-port"]) : null });
try {
  const own = await driver.open();
  const other = await driver.open();
  const status = () => own.run("return document.title");
  const shown = () => own.run("return document.querySelector('.ql-editor').innerText");

  await point("while there is no document there is nothing to type into", async () => {
    await other.go(`http://127.0.0.1:${options.port}/absent`);
    await waitFor("the end", () => other.run("return document.title === 'stopped'"));
    assert.equal(await other.run("return document.querySelector('.ql-editor').isContentEditable"), false);
  });

  await point("what is typed in the page is saved", async () => {
    await own.go(`http://127.0.0.1:${options.port}/`);
    await waitFor("the document", async () => await status() === "saved");
    await own.click(".ql-editor");
    await own.press("from my page");
    await waitFor("it to be saved", async () => await text(document) === "from my page\n");
  });

  await point("what others type appears in it", async () => {
    await other.go(`${nodes[1]}/d/${document}`);
    await waitFor("the editor page", () => other.run("return globalThis.collab?.client.status === 'saved'"));
    await other.run("collab.quill.insertText(0, 'also ', 'user')");
    await waitFor("the others' text", async () => (await shown()).includes("also from my page"));
  });

  await point("the page goes on at another node when its own dies", async () => {
    if (options["kill-command"]) await promisify(exec)(options["kill-command"]);
    await own.press(", still");
    await waitFor("it to be saved", async () => (await text(document)).includes(", still") && await status() === "saved");
  });

  await point("and no error was logged but of the node that is gone", async () => {
    const errors = (await own.log()).filter(({ level, message }) =>
      level === "SEVERE" && !/favicon|ERR_CONNECTION_(REFUSED|RESET)|WebSocket connection/u.test(message));
    assert.deepEqual(errors, []);
  });
} catch (error) {
  bailOut(error);
} finally {
  await driver.stop();
  server.close();
}
finish();
