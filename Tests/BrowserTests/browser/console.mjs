// The operators' console in a browser, on a running cluster of at least three nodes one of which is killed.
//
//   node console.mjs --nodes URL,URL,URL --kill-command 'cmd' [--screenshots DIR] [--chromedriver-port N]
//
// The command ends the first node, to which the page is connected. Prints TAP; the exit status is 0 only if every
// point is "ok".
import assert from "node:assert/strict";
import { exec } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { parseArgs, promisify } from "node:util";
import { bailOut, finish, point } from "./points.mjs";
import { Driver, waitFor } from "./webdriver.mjs";

const { values: options } = parseArgs({
  options: {
    nodes: { type: "string" }, "kill-command": { type: "string" }, screenshots: { type: "string" },
    "chromedriver-port": { type: "string" },
  },
});
const nodes = (options.nodes ?? "").split(",").filter(Boolean);
if (nodes.length < 3 || !options["kill-command"]) {
  console.error("usage: console.mjs --nodes URL,URL,URL --kill-command 'cmd' [options]");
  process.exit(64);
}

async function api(node, method, path, body) {
  const response = await fetch(new URL(`${path}${path.includes("?") ? "&" : "?"}user=browser-test`, node), {
    method, headers: { "Content-Type": "application/json" }, body: body && JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status}`);
  return response.json();
}

/** Run in a page: `typists` are sessions that edit all the time and go to another node when their own is lost. */
const typistScript = `
  const nodes = arguments[0];
  globalThis.typists = [];
  globalThis.type = (id, at) => {
    const typist = { edits: 0 };
    typists.push(typist);
    let version = 0;
    const open = (node) => {
      const socket = new WebSocket(node.replace(/^http/u, "ws") + "/doc/" + id + "?user=typist", "collab.v1");
      const edit = () => {
        if (socket.readyState !== WebSocket.OPEN) return;
        socket.send(JSON.stringify({
          type: "operation", operationId: crypto.randomUUID(), version, operation: [{ insert: "x" }],
        }));
      };
      socket.onmessage = ({ data }) => {
        const message = JSON.parse(data);
        if (message.version !== undefined) version = Math.max(version, message.version);
        if (message.type === "ack") typist.edits += 1;
        if (message.type === "init" || message.type === "ack") setTimeout(edit, 60);
      };
      socket.onclose = () => setTimeout(() => open(nodes[(nodes.indexOf(node) + 1) % nodes.length]), 100);
    };
    open(nodes[at]);
  };`;

const driver = await Driver.start({ port: options["chromedriver-port"] ? Number(options["chromedriver-port"]) : null });
try {
  const typists = await driver.open();
  await typists.go(nodes[1]);
  await typists.run(typistScript, nodes);
  const edits = () => typists.run("return typists.map(({ edits }) => edits)");
  const { self, members } = await api(nodes[0], "GET", "/api/cluster");
  const killed = self;
  // Documents of every node; of the one that is killed two at least, with sessions elsewhere.
  const owned = new Map(members.map(({ id }) => [id, []]));
  for (let count = 0; [...owned.values()].some((each) => each.length < 2) && count < 60; count += 1) {
    const { id } = await api(nodes[0], "POST", "/api/documents", { title: `Console ${count + 1}` });
    await typists.run("type(arguments[0], arguments[1])", id, 1 + count % (nodes.length - 1));
    await waitFor("the document's first edit", async () => (await edits()).at(-1) > 0);
    const { owner } = await api(nodes[0], "GET", `/api/cluster/documents/${id}`);
    owned.get(owner.node)?.push(id);
  }
  const page = await driver.open({ width: 1440, height: 1280 });
  const others = [await driver.open({ width: 1440, height: 1280, dark: true }), await driver.open({ width: 500, height: 1280 })];
  const shots = [[page, "light"], [others[0], "dark"], [others[1], "narrow"]];
  const picture = async (window, name) => {
    if (options.screenshots) await writeFile(`${options.screenshots}/${name}.png`, await window.screenshot());
  };
  const state = (id) => page.run("return document.querySelector(`.node-card[data-node='${arguments[0]}']`)?.dataset.state ?? null", id);
  const ownerOf = (id) => page.run("return document.querySelector(`tr[data-document='${arguments[0]}'] .owner-chip`)?.textContent ?? null", id);
  const text = (selector) => page.run("return document.querySelector(arguments[0])?.textContent ?? null", selector);

  await point("the console shows every node as active, with what it does", async () => {
    await page.go(`${nodes[0]}/console`);
    for (const { id } of members) await waitFor(`${id} to be active`, async () => await state(id) === "active");
    assert.equal(await text(".pill"), `Live from ${self}`);
    await waitFor("rates", async () => Number(await text("[data-tile=edits] dd")) > 0);
    await waitFor("processors", () => page.run("return [...document.querySelectorAll('[data-fact=processors]')].every((each) => /%/u.test(each.textContent))"));
  });

  await point("it shows each document with its owner, title, epoch and version", async () => {
    for (const [node, ids] of owned) {
      for (const id of ids) await waitFor(`${id} at ${node}`, async () => await ownerOf(id) === node);
    }
    const id = owned.get(killed)[0];
    await waitFor("its title", async () => /^Console \d+$/u.test(await text(`tr[data-document='${id}'] .name`)));
    const version = await page.run("return Number(document.querySelector(`tr[data-document='${arguments[0]}']`).children[3].textContent.replace(',', ''))", id);
    assert.ok(version > 0, `version ${version}`);
  });

  await point("the search finds a document that nobody has open", async () => {
    const { id } = await api(nodes[0], "POST", "/api/documents", { title: "Seldom opened" });
    await page.type(".search", "seldom");
    await waitFor("the row", async () => await ownerOf(id) === "nobody");
    await page.run("const field = document.querySelector('.search'); field.value = ''; field.dispatchEvent(new Event('input'))");
  });

  await point("a node is drained after a question, gives its documents away, and is taken back", async () => {
    const other = members.find(({ id }) => id !== killed).id;
    const press = () => page.run("document.querySelector(`.node-card[data-node='${arguments[0]}'] .node-actions button`).click()", other);
    await press();
    await picture(page, "drain");
    await page.click("dialog.confirm .primary");
    await waitFor("the node to drain", async () => await state(other) === "draining");
    await waitFor("its documents to move", async () =>
      (await Promise.all(owned.get(other).map(ownerOf))).every((owner) => owner !== null && owner !== other));
    await waitFor("the handoffs to be listed", () => page.run("return document.querySelectorAll('.move[data-kind=handoff]').length > 0"));
    await press();
    await page.click("dialog.confirm .primary");
    await waitFor("the node to be active", async () => await state(other) === "active");
    await waitFor("what belongs there to come back", async () =>
      (await Promise.all(owned.get(other).map(ownerOf))).every((owner) => owner === other));
  });

  await point("a document's timeline has its epochs and owners", async () => {
    const moved = owned.get(members.find(({ id }) => id !== killed).id)[0];
    await page.run("document.querySelector(`tr[data-document='${arguments[0]}'] button`).click()", moved);
    await waitFor("two epochs", () => page.run("return document.querySelectorAll('dialog.timeline .epoch').length >= 2"));
    await waitFor("a handoff", () => page.run("return document.querySelector('dialog.timeline .epoch.handoff') !== null"));
    assert.equal(await page.run("return document.querySelectorAll('dialog.timeline .bar-mark').length > 0"), true);
    await picture(page, "timeline");
    await page.run("document.querySelector('dialog.timeline').close()");
  });

  await point("when its node dies the page goes to another and says so; the node is gone, its documents are elsewhere", async () => {
    for (const window of others) await window.go(`${nodes[1]}/console`);
    const before = (await Promise.all([...owned.values()].flat().map(async (id) => [id, await ownerOf(id)])))
      .filter(([, owner]) => owner === killed).map(([id]) => id);
    assert.ok(before.length > 0, "the node owns documents");
    for (const [window, name] of shots) await picture(window, `${name}-before`);
    await promisify(exec)(options["kill-command"]);
    await waitFor("the node to be gone", async () => await state(killed) === "gone", 20000);
    await waitFor("another node's view", async () => /^Live from /u.test(await text(".pill")) && await text(".pill") !== `Live from ${killed}`);
    assert.match(await text(".notices"), new RegExp(`${killed} was lost\\. This is now the view of `, "u"));
    for (const id of before) {
      await waitFor(`a new owner of ${id}`, async () => ![null, killed, "nobody"].includes(await ownerOf(id)), 20000);
    }
    await waitFor("the failovers to be listed", () => page.run("return document.querySelectorAll('.move[data-kind=failover]').length >= arguments[0]", before.length));
    assert.ok(Number(await text("[data-tile=failovers] dd")) >= before.length);
    const after = await edits();
    await waitFor("edits of every document to go on", async () => (await edits()).every((many, index) => many > after[index]));
    for (const [window, name] of shots) await picture(window, `${name}-killed`);
  });

  await point("everything is reached with the keyboard", async () => {
    await page.run("document.querySelector('.document-link').focus()");
    await page.press("\uE007");
    await waitFor("the timeline", () => page.run("return document.querySelector('dialog.timeline').open"));
    // This is the page of a node that is no member any more: the others answer it all the same.
    await waitFor("what the log has", () => page.run("return document.querySelectorAll('dialog.timeline .epoch').length > 0"));
    for (const link of [".open-link", ".home"]) {
      const origin = await page.run("return new URL(document.querySelector(arguments[0]).href).origin", link);
      assert.ok(nodes.slice(1).some((node) => new URL(node).origin === origin), `${link} leads to ${origin}`);
    }
    await page.press("\uE00C");
    await waitFor("it to close", () => page.run("return !document.querySelector('dialog.timeline').open"));
    const names = await page.run("return [...document.querySelectorAll('button:not([hidden]), a[href], input')].filter((each) => !each.textContent.trim() && !each.getAttribute('aria-label')).length");
    assert.equal(names, 0, "everything that can be pressed has a name");
  });

  await point("nothing is wider than a narrow window", async () => {
    assert.equal(await others[1].run("return document.documentElement.scrollWidth <= document.documentElement.clientWidth"), true);
  });

  await point("no script error, and nothing that the page's policy had to stop", async () => {
    for (const window of [page, ...others]) {
      const errors = (await window.log()).filter(({ source, level, message }) =>
        (level === "SEVERE" && source === "javascript") || /Content Security Policy/u.test(message));
      assert.deepEqual(errors.map(({ message }) => message), []);
    }
  });
} catch (error) {
  bailOut(error);
} finally {
  await driver.stop();
}
finish();
