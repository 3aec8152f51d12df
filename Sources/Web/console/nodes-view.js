import { element } from "../page/element.js";
import { httpOrigin } from "../page/member-list.js";
import { bytes, count, percent, rate, span, unknown } from "./formats.js";
import { areaUnder, sparkline } from "./graph-shape.js";
import { keyedChildren, setText } from "./keyed-children.js";
import { svg } from "./svg.js";

const words = { active: "active", draining: "draining", silent: "no answer", gone: "gone" };
const [fewestSparkSlots, sparkSlots] = [20, 60];
const sparkBox = { width: 100, height: 26 };

/** The nodes as cards; `ask(node, kind)` is called for the buttons, `kind` being "drain" or "undrain". */
export class NodesView {
  node = element("ul.node-cards", { "aria-label": "Nodes" });
  #ask;
  #colors;

  constructor({ colors, ask }) {
    this.#colors = colors;
    this.#ask = ask;
  }

  show(state) {
    keyedChildren(this.node, state.sortedNodes, {
      key: ({ id }) => id, make: () => this.#make(), update: (card, node) => this.#update(card, node, state),
    });
  }

  #make() {
    const fact = (name, label) => element("div.fact", {}, element("dt", {}, label), element("dd", { "data-fact": name }, unknown));
    const spark = svg("svg", {
      class: "spark", viewBox: `0 0 ${sparkBox.width} ${sparkBox.height}`, preserveAspectRatio: "none", "aria-hidden": "true",
    }, svg("path", { class: "under" }), svg("path", { class: "line", "vector-effect": "non-scaling-stroke" }));
    const card = element("li.node-card", {},
      element("div.node-head", {}, element("h3"),
        element("span.here-mark", {}, "serves this page"), element("span.badge")),
      element("p.node-address", {}, element("a", { target: "_blank", rel: "noopener" }), element("span.age")),
      element("dl.facts", {}, fact("edits", "edits/s"), fact("documents", "documents"), fact("sessions", "sessions"),
        fact("processors", "CPU"), fact("memory", "memory")),
      element("p.node-message"),
      element("div.node-foot", {}, spark, element("div.node-actions", {}, element("button.quiet", { type: "button" }))));
    card.querySelector("button").addEventListener("click", () => this.#ask(card.shownNode, card.shownNode.draining ? "undrain" : "drain"));
    return card;
  }

  #update(card, node, state) {
    card.shownNode = node;
    card.dataset.node = node.id;
    card.dataset.state = node.state;
    card.style.setProperty("--own", this.#colors.of(node.id));
    setText(card.querySelector("h3"), node.id);
    card.querySelector(".here-mark").hidden = node.id !== state.self;
    setText(card.querySelector(".badge"), words[node.state] ?? node.state);
    const link = card.querySelector("a");
    // A link of another scheme could run as this page.
    if (httpOrigin(node.url) === null) link.removeAttribute("href");
    else link.href = node.url;
    setText(link, node.url.replace(/^https?:\/\//u, ""));
    const age = node.state === "gone" || node.state === "silent" ? `for ${span(state.at - node.since)}`
      : node.startedAt === null ? "" : `up ${span(state.at - node.startedAt)}`;
    const ageNode = card.querySelector(".age");
    setText(ageNode, age);
    ageNode.title = `incarnation ${node.incarnation}`;
    const isSeen = node.state === "active" || node.state === "draining";
    const facts = {
      edits: rate(node.editsPerSecond), documents: isSeen ? count(node.documents) : unknown,
      sessions: isSeen ? count(node.sessions) : unknown, processors: percent(node.processors), memory: bytes(node.memoryBytes),
    };
    for (const [name, text] of Object.entries(facts)) setText(card.querySelector(`[data-fact="${name}"]`), text);
    const values = state.history.slice(-sparkSlots).map(({ rates }) => rates.get(node.id) ?? null);
    const line = sparkline(values, Math.max(fewestSparkSlots, values.length), sparkBox);
    card.querySelector(".spark .line").setAttribute("d", line);
    card.querySelector(".spark .under").setAttribute("d", areaUnder(line, sparkBox));
    const message = card.querySelector(".node-message");
    setText(message, node.state === "silent" ? `The node ${node.message}. Its node lease is still alive.`
      : node.state === "gone" ? "No member any more. Its documents are taken over when they are used." : "");
    message.hidden = message.textContent === "";
    const button = card.querySelector("button");
    button.hidden = node.state === "gone";
    setText(button, node.draining ? "Undrain" : "Drain…");
    button.setAttribute("aria-label", node.draining ? `Undrain ${node.id}` : `Drain ${node.id}`);
  }
}
