// What one browser window does on its own, on a running cluster of at least two nodes.
//
//   node one-window.mjs --first URL --second URL [--chromedriver-port N]
//
// Prints TAP; the exit status is 0 only if every point is "ok".
import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { bailOut, finish, point } from "./points.mjs";
import { Driver, keys, waitFor } from "./webdriver.mjs";

const { values: options } = parseArgs({
  options: { first: { type: "string" }, second: { type: "string" }, "chromedriver-port": { type: "string" } },
});
if (!options.first || !options.second) {
  console.error("usage: one-window.mjs --first URL --second URL [options]");
  process.exit(64);
}

async function makeDocument() {
  const response = await fetch(new URL("/api/documents?user=browser-test&name=Test", options.first), {
    method: "POST", headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ title: "One window", content: [{ insert: "one two\n" }] }),
  });
  if (!response.ok) throw new Error(`a document could not be made: ${response.status}`);
  return (await response.json()).id;
}

const driver = await Driver.start({ port: options["chromedriver-port"] ? Number(options["chromedriver-port"]) : null });
try {
  const page = await driver.open();
  const address = `${new URL(options.first).origin}/d/${await makeDocument()}`;
  const status = (wanted) => waitFor(`the window to be ${wanted}`, async () =>
    await page.run("return globalThis.collab?.client.status ?? null") === wanted);
  const open = async (url, wanted = "saved") => {
    await page.go(url);
    await status(wanted);
  };
  const shown = () => page.run("return collab.quill.getText()");
  const notices = () => page.run("return document.querySelector('.notices').textContent");
  const base = () => page.run("return JSON.stringify(collab.client.baseContent.ops)");

  await point("Enter in the title leaves the document as it is and goes to it", async () => {
    await open(address);
    await page.run("document.querySelector('.title').select()");
    await page.press(`Another title${keys.enter}`);
    await status("saved");
    assert.equal(await shown(), "one two\n");
    assert.equal(await page.run("return document.activeElement === collab.quill.root"), true);
  });

  await point("a pasted picture that is too large is refused with a notice, and the text around it is put in", async () => {
    await page.run(`
      const data = new DataTransfer();
      data.setData("text/html", "<p style='color: red'>before</p><img alt=Big src='data:image/png;base64," + "A".repeat(600000) + "'>");
      collab.quill.root.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));`);
    await status("saved");
    assert.match(await notices(), /“Big” was not put in: it has 450 kB/u);
    assert.match(await shown(), /before/u);
    assert.doesNotMatch(await base(), /image/u);
    assert.match(await base(), /"color"/u, "styles of pasted text are read under the page's policy");
  });

  await point("a picture that is too large holds up nothing else, also over a reload, until the user removes it", async () => {
    await page.run("collab.quill.updateContents([{ insert: { image: 'data:image/png;base64,' + 'A'.repeat(600000) } }], 'user')");
    await status("refused");
    await page.run("collab.quill.insertText(collab.quill.getLength() - 1, ' three', 'user')");
    await waitFor("the text to be saved", async () => /two three/u.test(await base()));
    assert.match(await notices(), /A picture of 600 kB is too large to be saved/u);
    await open(address, "refused");
    assert.equal(await page.run("return document.querySelectorAll('.ql-editor img').length"), 1);
    await page.run("collab.quill.insertText(collab.quill.getLength() - 1, ' four', 'user')");
    await waitFor("the text to be saved", async () => /two three four/u.test(await base()));
    assert.equal(await page.run("return collab.client.isConnected"), true);
    await page.run("window.confirm = () => true; [...document.querySelectorAll('.notice button')].find((each) => each.textContent === 'Remove it').click()");
    await status("saved");
    assert.match(await shown(), /two three four/u);
  });

  await point("text put between the halves of an emoji stands after it", async () => {
    await page.run("collab.quill.setContents([{ insert: 'a😀b\\n' }], 'user')");
    await status("saved");
    await page.run("collab.quill.insertText(2, '!', 'user')");
    await status("saved");
    assert.equal(await shown(), "a😀!b\n");
  });

  await point("an address with a node that is no member is ignored with a notice, a member's is followed", async () => {
    await open(`${address}?node=http://127.0.0.1:9`);
    assert.equal(await page.run("return collab.client.node"), new URL(options.first).origin);
    assert.match(await notices(), /not in this cluster/u);
    await open(`${address}?node=${encodeURIComponent(options.second)}`);
    assert.equal(await page.run("return collab.client.node"), new URL(options.second).origin);
  });

  await point("the members that live are shown as active", async () => {
    await open(address);
    await waitFor("the members", () => page.run("return document.querySelectorAll('.member .state.active').length >= 2"));
  });

  await point("a link cannot make its reader somebody else", async () => {
    const before = await page.run("return localStorage['collab.identity']");
    await page.go(`${options.first}/?link#${new URLSearchParams({ as: JSON.stringify({ user: "other", name: "Other" }) })}`);
    await waitFor("the list", () => page.run("return document.querySelector('.documents')?.getAttribute('aria-busy') === 'false'"));
    assert.equal(await page.run("return localStorage['collab.identity']"), before);
    assert.equal(await page.run("return location.hash"), "");
  });

  await point("a document that does not exist has a page that says so and leads back", async () => {
    await page.go(`${options.first}/d/00000000-0000-4000-8000-000000000000`);
    await waitFor("the page", () => page.run("return document.querySelector('h1')?.textContent === 'There is no such document'"));
    assert.equal(await page.run("return document.querySelector('.stop a').getAttribute('href')"), "/");
    assert.equal(await page.run("return document.querySelector('.elsewhere, .ql-editor')"), null);
  });

  await point("no script error, and nothing that the page's policy had to stop", async () => {
    const errors = (await page.log()).filter(({ source, level, message }) =>
      (level === "SEVERE" && source === "javascript") || /Content Security Policy/u.test(message));
    assert.deepEqual(errors.map(({ message }) => message), []);
  });

  await point("the window that is opened on another node is the same person, and its address does not tell who", async () => {
    await open(address);
    const me = await page.run("return JSON.parse(localStorage['collab.identity'])");
    await waitFor("other nodes", () => page.run("return document.querySelectorAll('.member').length >= 2"));
    await page.click(".elsewhere");
    await waitFor("the new window", async () => (await page.tabs()).length === 2);
    await page.show((await page.tabs()).at(-1));
    await status("saved");
    assert.notEqual(await page.run("return location.origin"), new URL(options.first).origin);
    assert.deepEqual(await page.run("return JSON.parse(localStorage['collab.identity'])"), me);
    assert.equal(await page.run("return document.querySelector('.who').value"), me.name);
    assert.equal(await page.run("return location.hash"), "");
  });
} catch (error) {
  bailOut(error);
} finally {
  await driver.stop();
}
finish();
