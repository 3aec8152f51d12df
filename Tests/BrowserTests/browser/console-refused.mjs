// The operators' console for somebody who is no operator, on a running cluster that names its operators.
//
//   node console-refused.mjs --node URL --operator NAME [--chromedriver-port N]
//
// Prints TAP; the exit status is 0 only if every point is "ok".
import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { bailOut, finish, point } from "./points.mjs";
import { Driver, waitFor } from "./webdriver.mjs";

const { values: options } = parseArgs({
  options: { node: { type: "string" }, operator: { type: "string" }, "chromedriver-port": { type: "string" } },
});
if (!options.node || !options.operator) {
  console.error("usage: console-refused.mjs --node URL --operator NAME [options]");
  process.exit(64);
}

const driver = await Driver.start({ port: options["chromedriver-port"] ? Number(options["chromedriver-port"]) : null });
try {
  const page = await driver.open();
  const pill = () => page.run("return document.querySelector('.pill')?.textContent ?? null");

  await point("somebody else is told that the console is not for him", async () => {
    await page.go(`${options.node}/console?user=somebody`);
    await waitFor("the refusal", async () => await pill() === "No access");
    assert.match(await page.run("return document.querySelector('.notices').textContent"), /for operators; somebody is not one/u);
  });

  await point("and is shown nothing of the cluster", async () => {
    assert.equal(await page.run("return document.querySelectorAll('.node-card, tbody tr, .move').length"), 0);
    assert.equal(await page.run("return collabConsole.state.nodes.size"), 0);
  });

  await point("an operator is served", async () => {
    await page.go(`${options.node}/console?user=${encodeURIComponent(options.operator)}`);
    await waitFor("the node", () => page.run("return document.querySelector('.node-card')?.dataset.state === 'active'"));
    assert.match(await pill(), /^Live from /u);
  });
} catch (error) {
  bailOut(error);
} finally {
  await driver.stop();
}
finish();
