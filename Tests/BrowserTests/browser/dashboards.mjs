// The page that draws the dashboards, in a browser, on a running cluster.
//
//   node dashboards.mjs --url URL [--chromedriver-port N] [--pictures DIRECTORY]
//
// Opens every dashboard and a runbook. Prints TAP; the exit status is 0 only if every point is "ok".
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { finish, point } from "./points.mjs";
import { Driver, waitFor } from "./webdriver.mjs";

const { values: options } = parseArgs({
  options: { url: { type: "string" }, "chromedriver-port": { type: "string" }, pictures: { type: "string" } },
});
if (!options.url) {
  console.error("usage: dashboards.mjs --url URL [options]");
  process.exit(64);
}

// Those with nothing but shares and quantiles of edits, of which a cluster that nobody uses has none. (Whether every
// query has data under load is asked in IntegrationTests.)
const numberless = ["collab-sli", "collab-budget", "collab-broker"];
const driver = await Driver.start({ port: options["chromedriver-port"] });
try {
  // High enough that every panel is in view and therefore asks.
  const window = await driver.open({ width: 1500, height: 3200 });
  const menu = await fetch(new URL("/dashboards.json", options.url)).then((response) => response.json());
  await point("the menu has eight dashboards", () => assert.equal(menu.length, 8));
  for (const { uid, file } of menu) {
    await point(`${uid} is drawn whole and without an error`, async () => {
      await window.go("about:blank");
      await window.go(`${options.url}/#/${uid}`);
      await waitFor("two rounds of questions", () => window.run("return Number(document.body.dataset.rounds ?? 0) >= 2"), 30000);
      const definition = await fetch(new URL(`/dashboards/${file}`, options.url)).then((response) => response.json());
      const titles = definition.panels.filter(({ type, title }) => type !== "row" && title).map(({ title }) => title);
      assert.deepEqual(await window.run("return [...document.querySelectorAll('.panel h3 > span:first-child')].map((one) => one.textContent)"), titles);
      assert.deepEqual(await window.run("return [...document.querySelectorAll('.panel[data-state=failed]')].map((one) => one.innerText)"), []);
      assert.equal(await window.run("return document.getElementById('failure').textContent"), "");
      const shown = await window.run("return [...document.querySelectorAll('.stat strong')].filter((one) => /\\d/.test(one.textContent)).length");
      if (!numberless.includes(uid)) assert.ok(shown > 0, "no number is shown");
      assert.deepEqual((await window.log()).filter(({ level }) => level === "SEVERE").map(({ message }) => message), []);
      if (options.pictures) writeFileSync(`${options.pictures}/${uid}.png`, await window.screenshot());
    });
  }
  await point("a node that is chosen is in the address and in the questions", async () => {
    await window.go("about:blank");
    await window.go(`${options.url}/#/collab-cluster?node=node-1`);
    await waitFor("the choice", () => window.run("return document.querySelector('select[name=node]')?.value === 'node-1'"));
    await waitFor("the one node", () => window.run("return document.querySelector('.stat strong')?.textContent === '1'"));
    assert.match(await window.run("return location.hash"), /node=node-1/);
  });
  await point("a runbook is readable and leads to others", async () => {
    await window.go("about:blank");
    await window.go(`${options.url}/#/runbooks/HighOperationLatency`);
    await waitFor("its headings", () => window.run("return document.querySelectorAll('#runbook h2').length >= 3"));
    assert.ok(await window.run("return document.querySelector('#runbook a[href=\"#/runbooks/LogLag\"]') !== null"));
  });
} finally {
  await driver.stop();
}
finish();
