// The page: the menu, what is chosen, and the loop that asks and draws. What is chosen stands in the address.

import { annotationsOf } from "./annotations.js";
import { markdown } from "./markdown.js";
import { heading, Panel } from "./panels/panel.js";
import { Prometheus, resolved, seconds, stepFor } from "./prometheus.js";
import { Variables } from "./variables.js";

const prometheus = new Prometheus("/prometheus");
const place = (id) => document.getElementById(id);
const choice = { dashboard: "", range: "", refresh: "", variables: {} };
let shown = null;

class Dashboard {
  #definition;
  #panels;
  #annotations = [];
  #observer;
  #isLeft = false;
  #wake = () => {};

  constructor(definition) {
    this.#definition = definition;
    this.variables = new Variables(
      place("variables"), prometheus, definition.templating.list, choice.variables, () => this.changed());
    const byElement = new Map();
    const grid = place("grid");
    grid.replaceChildren();
    this.#panels = [];
    for (const one of definition.panels) {
      if (one.type === "row") {
        grid.append(heading(one));
        continue;
      }
      const panel = new Panel(one, () => this.#annotations);
      panel.interval = one.interval;
      byElement.set(panel.element, panel);
      grid.append(panel.element);
      this.#panels.push(panel);
    }
    this.#observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        const panel = byElement.get(target);
        panel.isVisible = isIntersecting;
        if (isIntersecting) this.#wake();
      }
    }, { rootMargin: "200px" });
    for (const { element } of this.#panels) this.#observer.observe(element);
  }

  /** Asks and draws until the dashboard is left. */
  async run() {
    while (!this.#isLeft) {
      await this.#round();
      const pause = seconds(choice.refresh) * 1000 || Infinity;
      await new Promise((resolve) => {
        this.#wake = resolve;
        if (pause !== Infinity) setTimeout(resolve, pause);
      });
    }
  }

  changed() {
    choice.variables = { ...this.variables.values };
    remember();
    this.#wake();
  }

  leave() {
    this.#isLeft = true;
    this.#wake();
    this.#observer.disconnect();
    for (const panel of this.#panels) panel.leave();
  }

  async #round() {
    const range = seconds(choice.range);
    try {
      await this.variables.refresh();
      this.#annotations = await annotationsOf(this.#definition.annotations.list, prometheus, this.#scope(range, "5s"));
      await Promise.all(this.#panels.filter(({ isVisible }) => isVisible)
        .map((panel) => panel.update(this.#ask(this.#scope(range, panel.interval)))));
      await showAlerts();
      place("failure").textContent = "";
    } catch (error) {
      place("failure").textContent = error.message;
    }
    document.body.dataset.rounds = String(Number(document.body.dataset.rounds ?? 0) + 1);
  }

  #scope(range, interval) {
    const step = stepFor(range, interval);
    const end = Math.floor(Date.now() / 1000 / step) * step;
    const start = end - Math.floor(range / step) * step;
    const times = Array.from({ length: Math.round((end - start) / step) + 1 }, (_, index) => start + index * step);
    return { start, end, step, range, times, variables: this.variables.values };
  }

  #ask(scope) {
    return { ...scope, now: (expr) => prometheus.now(resolved(expr, scope), scope.end),
      over: (expr) => prometheus.over(resolved(expr, scope), scope.start, scope.end, scope.step) };
  }
}

async function showAlerts() {
  const firing = (await prometheus.alerts()).filter(({ state }) => state === "firing");
  const rank = { critical: 0, warning: 1 };
  firing.sort((one, other) => rank[one.labels.severity] - rank[other.labels.severity]);
  place("alerts").replaceChildren(...firing.slice(0, 8).map(({ labels, annotations }) => {
    const link = document.createElement("a");
    link.className = `alert ${labels.severity}`;
    link.href = `#/runbooks/${labels.alertname}`;
    link.title = annotations.summary;
    const name = document.createElement("b");
    name.textContent = labels.alertname;
    link.append(name, ` ${annotations.description}`);
    return link;
  }));
}

/** Reads the address: `#/collab-sli?range=15m&refresh=5s&node=node-1` or `#/runbooks/NodeDown`. */
async function open() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?");
  shown?.leave();
  shown = null;
  const isRunbook = path.startsWith("runbooks/");
  place("runbook").hidden = !isRunbook;
  place("grid").hidden = isRunbook;
  for (const link of document.querySelectorAll("nav a")) link.classList.toggle("chosen", link.hash === `#/${path}`);
  if (isRunbook) return openRunbook(path);
  const entry = menu.find(({ uid }) => uid === path) ?? menu[0];
  const definition = await json(`dashboards/${entry.file}`);
  const asked = Object.fromEntries(new URLSearchParams(query));
  choice.dashboard = entry.uid;
  choice.range = asked.range || choice.range || definition.time.from.replace("now-", "");
  choice.refresh = asked.refresh || choice.refresh || definition.refresh;
  for (const name of ["cluster", "region", "node", "document"]) if (asked[name]) choice.variables[name] = asked[name];
  place("range").value = choice.range;
  place("refresh").value = choice.refresh;
  place("title").textContent = entry.title.replace("collab: ", "");
  place("description").textContent = entry.description;
  document.title = entry.title;
  remember();
  shown = new Dashboard(definition);
  await shown.run();
}

async function openRunbook(path) {
  const response = await fetch(`${path}.md`);
  place("runbook").replaceChildren(markdown(response.ok ? await response.text() : `There is no ${path}.`));
  place("title").textContent = path.replace("runbooks/", "");
  place("description").textContent = "What to do about this alert.";
  place("variables").replaceChildren();
}

/** Writes what is chosen into the address without another entry in the history. */
function remember() {
  const chosen = Object.entries(choice.variables).filter(([, value]) => value);
  const query = new URLSearchParams([["range", choice.range], ["refresh", choice.refresh], ...chosen]);
  history.replaceState(null, "", `#/${choice.dashboard}?${query}`);
  for (const link of document.querySelectorAll("nav a")) {
    link.classList.toggle("chosen", link.hash === `#/${choice.dashboard}`);
  }
}

async function json(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.json();
}

const menu = await json("dashboards.json");
place("menu").replaceChildren(...menu.map(({ uid, title, description }) => {
  const link = document.createElement("a");
  link.href = `#/${uid}`;
  link.textContent = title.replace("collab: ", "");
  link.title = description;
  return link;
}));
for (const name of ["range", "refresh"]) {
  place(name).addEventListener("change", () => {
    choice[name] = place(name).value;
    shown?.changed();
  });
}
const theme = localStorage.getItem("theme") ?? (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
document.documentElement.dataset.theme = theme;
place("theme").addEventListener("click", () => {
  const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  localStorage.setItem("theme", next);
  open();
});
addEventListener("hashchange", open);
await open();
