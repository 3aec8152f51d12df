import { API } from "../page/api.js";
import { element } from "../page/element.js";
import { readIdentity } from "../page/identity.js";
import { mark } from "../page/mark.js";
import { httpOrigin } from "../page/member-list.js";
import { Notices } from "../page/notices.js";
import { ConsoleConnection } from "./console-connection.js";
import { ConsoleState } from "./console-state.js";
import { DocumentsView } from "./documents-view.js";
import { DrainDialog } from "./drain-dialog.js";
import { count, rate, short } from "./formats.js";
import { setText } from "./keyed-children.js";
import { MovesView } from "./moves-view.js";
import { NodeColors } from "./node-colors.js";
import { NodesView } from "./nodes-view.js";
import { RateGraph } from "./rate-graph.js";
import { TimelineView } from "./timeline-view.js";

const hourMilliseconds = 3_600_000;

const claimed = new URLSearchParams(location.search).get("user");
/** Without authentication an operator says who he is in the address; otherwise he is whom the editor page knows. */
const identity = claimed ? { user: claimed, name: claimed } : readIdentity();
const state = new ConsoleState();
const colors = new NodeColors();
const notices = new Notices();
const connection = new ConsoleConnection({ node: location.origin, identity });
const api = () => new API(connection.node, identity);

const dialog = new DrainDialog({
  act: async (node, kind) => {
    if (kind === "drain") await api().drainNode(node.id);
    else await api().undrainNode(node.id);
    notices.brief(kind === "drain" ? `${node.id} hands its documents over.` : `${node.id} takes documents again.`);
  },
});
const timeline = new TimelineView({ colors, read: (id) => api().readTimeline(id), node: () => connection.node });
const open = (document) => timeline.open(document);
const nodes = new NodesView({
  colors, ask: (node, kind) => dialog.ask(node, kind,
    state.members.filter((other) => other.state === "active" && other.id !== node.id).length),
});
const graph = new RateGraph({ colors });
const documents = new DocumentsView({ colors, open, search: async (text) => (await api().searchCluster(text)).items });
const moves = new MovesView({ colors, open });
const views = [nodes, graph, documents, moves];

const pill = element("span.pill", { role: "status" });
const home = element("a.home", { href: "/", "aria-label": "All documents" }, mark());
const clusterName = element("span.cluster-name");
const tile = (name, label) => element("div.tile", { "data-tile": name },
  element("dt", {}, label), element("dd", {}, "–"), element("p.tile-note", {}, "\u00A0"));
const tiles = element("dl.tiles", {}, tile("nodes", "Nodes"), tile("documents", "Open documents"), tile("sessions", "Sessions"),
  tile("edits", "Edits per second"), tile("failovers", "Failovers, last hour"));

document.getElementById("app").replaceChildren(
  element("header.bar", {}, home,
    element("h1.brand", {}, "Console"), clusterName, element("div.bar-end", {}, pill)),
  notices.node,
  element("main.board", {}, tiles,
    element("section.panel.graph-panel", { "aria-labelledby": "graph-title" },
      element("div.panel-head", {}, element("h2", { id: "graph-title" }, "Edits per second, by owner"), graph.legend,
        element("p.legend", {}, element("span.legend-failover", {}, "failover"), element("span.legend-handoff", {}, "handoff"))),
      graph.node),
    element("section.nodes", { "aria-labelledby": "nodes-title" }, element("h2.section-title", { id: "nodes-title" }, "Nodes"), nodes.node),
    element("div.columns", {}, documents.node, moves.node)),
  dialog.node, timeline.node);

function showTiles() {
  const { active, members, documents: owned, sessions, editsPerSecond } = state.totals;
  const { failovers, handoffs, longestGap } = state.movesWithin(hourMilliseconds);
  const gone = state.nodes.size - members;
  const silent = state.members.filter((node) => node.state === "silent").length;
  const draining = state.members.filter((node) => node.state === "draining").length;
  const troubles = [gone > 0 ? `${gone} gone` : null, silent > 0 ? `${silent} without answer` : null,
    draining > 0 ? `${draining} draining` : null].filter(Boolean);
  const facts = {
    nodes: [`${active}`, troubles.join(", ") || "all active", gone + silent > 0 ? "bad" : draining > 0 ? "wait" : "good"],
    documents: [count(owned), `${count(state.documents.size)} shown`], sessions: [count(sessions), "of all nodes"],
    edits: [rate(editsPerSecond), "durable"],
    failovers: [count(failovers), longestGap === null ? `${count(handoffs)} handoffs` : `longest ${short(longestGap)} · ${count(handoffs)} handoffs`],
  };
  for (const [name, [value, note, tone = ""]] of Object.entries(facts)) {
    const place = tiles.querySelector(`[data-tile="${name}"]`);
    setText(place.querySelector("dd"), value);
    setText(place.querySelector("p"), note);
    place.dataset.tone = tone;
  }
}

function nodeName(url) {
  const found = state.sortedNodes.find((node) => httpOrigin(node.url) === httpOrigin(url));
  return found?.id ?? new URL(url).host;
}

function showConnection() {
  const { status, node, lost, refusal } = connection;
  pill.dataset.status = { live: "saved", lost: "offline", refused: "refused", connecting: "saving" }[status];
  setText(pill, { live: `Live from ${state.self ?? nodeName(node)}`, lost: `Trying ${nodeName(node)}`, refused: "No access",
    connecting: "Connecting" }[status]);
  // The node that served this page may be gone.
  if (status === "live") home.href = new URL("/", node).href;
  document.body.classList.toggle("stale", status !== "live");
  if (status === "refused") {
    notices.bar("error", refusal === "unauthorized" ? "You are not signed in." : `The console is for operators; ${identity.user} is not one.`,
      [["Try again", () => connection.retry()]]);
  } else if (status === "lost") {
    notices.bar("error", `${nodeName(lost ?? node)} does not answer any more. Looking for another node; what is shown is old.`);
  } else if (status === "live" && lost) {
    notices.bar("info", `${nodeName(lost)} was lost. This is now the view of ${nodeName(node)}.`, [["Dismiss", () => notices.clearBar()]]);
  } else {
    notices.clearBar();
  }
}

let shown = "";
connection.addEventListener("change", () => {
  // Told with every message; the notices change only when something else does.
  const now = `${connection.status} ${connection.node} ${connection.lost}`;
  if (now === shown) return;
  shown = now;
  showConnection();
});
connection.addEventListener("message", ({ detail }) => {
  const before = state.self;
  state.take(detail);
  colors.meet(state.sortedNodes.map(({ id }) => id));
  connection.setNodes(state.members.filter((node) => node.state !== "silent").map(({ url }) => url));
  setText(clusterName, state.cluster);
  showTiles();
  for (const view of views) view.show(state);
  if (state.self !== before) showConnection();
});
// For tests and the curious.
globalThis.collabConsole = { state, connection };
connection.open();
