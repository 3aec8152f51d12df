import { isFailover } from "./formats.js";

/** So many points of the rates are kept: five minutes, at one a second. */
export const historyPoints = 300;
const rememberedMoves = 200;
const goneMilliseconds = 600_000;
/** How much of a new rate is taken into the one by which documents are ordered. */
const freshness = 0.4;

/**
 * The cluster as this page has been told: the messages of `collab.console.v1` put together. Holds on to what another
 * node, to which the page had to change, does not know: nodes that are gone, and former moves.
 */
export class ConsoleState {
  cluster = "";
  self = null;
  /** The time of the last message, by the node's clock; null before the first. */
  at = null;
  nodes = new Map();
  documents = new Map();
  /** The newest first. */
  moves = [];
  /** `{at, rates: Map of node to edits per second}`, the oldest first. */
  history = [];

  take(message) {
    if (message.type === "state") this.#takeState(message);
    else if (message.type === "changes") this.#takeChanges(message);
    else return;
    this.at = message.at;
    this.#takeHistory();
  }

  #takeState({ at, cluster, self, nodes, documents, moves }) {
    this.cluster = cluster;
    this.self = self;
    const told = new Map(nodes.map((node) => [node.id, node]));
    for (const node of this.nodes.values()) {
      if (told.has(node.id)) continue;
      const gone = node.state === "gone" ? node : {
        ...node, state: "gone", since: at, message: null, documents: 0, sessions: 0,
        editsPerSecond: null, processors: null, memoryBytes: null,
      };
      if (at - gone.since < goneMilliseconds) told.set(node.id, gone);
    }
    this.nodes = told;
    const before = this.documents;
    this.documents = new Map();
    for (const each of documents) this.#setDocument(each, before.get(each.id));
    this.#addMoves(moves);
  }

  #takeChanges({ nodes, removedNodes, documents, removedDocuments, moves }) {
    for (const node of nodes) this.nodes.set(node.id, node);
    for (const id of removedNodes) this.nodes.delete(id);
    const changed = new Set(documents.map(({ id }) => id));
    for (const each of documents) this.#setDocument(each, this.documents.get(each.id));
    for (const id of removedDocuments) this.documents.delete(id);
    for (const [id, each] of this.documents) if (!changed.has(id)) this.#setDocument(each, each);
    this.#addMoves(moves);
  }

  #setDocument(document, before) {
    const now = document.editsPerSecond ?? 0;
    const weight = before ? before.weight + freshness * (now - before.weight) : now;
    this.documents.set(document.id, { ...document, weight: weight < 0.05 ? 0 : weight });
  }

  #addMoves(moves) {
    const known = new Map(this.moves.map((move) => [`${move.document} ${move.epoch}`, move]));
    for (const move of moves) known.set(`${move.document} ${move.epoch}`, move);
    this.moves = [...known.values()].sort((a, b) => b.at - a.at || b.epoch - a.epoch).slice(0, rememberedMoves);
  }

  #takeHistory() {
    const rates = new Map();
    for (const { id, editsPerSecond } of this.nodes.values()) {
      if (editsPerSecond !== null && editsPerSecond !== undefined) rates.set(id, editsPerSecond);
    }
    if (rates.size > 0) this.history.push({ at: this.at, rates });
    // Another node's clock may be behind: the order is what the graph needs.
    this.history.sort((a, b) => a.at - b.at);
    this.history.splice(0, Math.max(0, this.history.length - historyPoints));
  }

  /** All nodes by id, as people count: node-2 before node-10. */
  get sortedNodes() {
    return [...this.nodes.values()].sort((a, b) => a.id.localeCompare(b.id, "en", { numeric: true }));
  }

  get members() { return this.sortedNodes.filter(({ state }) => state !== "gone"); }

  get totals() {
    const members = this.members;
    const known = members.filter(({ editsPerSecond }) => editsPerSecond !== null && editsPerSecond !== undefined);
    return {
      active: members.filter(({ state }) => state === "active").length,
      members: members.length,
      documents: members.reduce((sum, each) => sum + each.documents, 0),
      sessions: members.reduce((sum, each) => sum + each.sessions, 0),
      editsPerSecond: known.length === 0 ? null : known.reduce((sum, each) => sum + each.editsPerSecond, 0),
    };
  }

  /** Failovers and handoffs within the last so many milliseconds. */
  movesWithin(milliseconds) {
    const recent = this.moves.filter(({ at }) => this.at - at < milliseconds);
    const failovers = recent.filter(({ cause }) => isFailover(cause));
    const gaps = failovers.map(({ gapMicroseconds }) => gapMicroseconds).filter((gap) => gap !== null);
    return {
      failovers: failovers.length, handoffs: recent.length - failovers.length,
      longestGap: gaps.length > 0 ? Math.max(...gaps) : null,
    };
  }
}

const orders = {
  title: (a, b) => (a.title ?? a.id).localeCompare(b.title ?? b.id),
  owner: (a, b) => (a.owner ?? "").localeCompare(b.owner ?? "", "en", { numeric: true }),
  epoch: (a, b) => (a.epoch ?? 0) - (b.epoch ?? 0),
  version: (a, b) => (a.version ?? 0) - (b.version ?? 0),
  sessions: (a, b) => (a.sessions ?? 0) - (b.sessions ?? 0),
  edits: (a, b) => (a.weight ?? 0) - (b.weight ?? 0),
};

/** The documents to show: those that match the text, in an order, and those that only the search has found behind. */
export function selectDocuments(documents, found, { text = "", order = "edits", descending = true, limit = 100 } = {}) {
  const wanted = text.trim().toLowerCase();
  const matches = ({ id, title }) => wanted === "" || id.startsWith(wanted) || (title ?? "").toLowerCase().includes(wanted);
  const live = new Map(documents.filter(matches).map((each) => [each.id, each]));
  for (const each of wanted === "" ? [] : found) {
    if (!live.has(each.id) && matches(each)) live.set(each.id, { ...each, sessions: null, editsPerSecond: null, weight: 0 });
  }
  const compare = orders[order] ?? orders.edits;
  const direction = descending ? -1 : 1;
  return [...live.values()].sort((a, b) => direction * compare(a, b) || (b.sessions ?? -1) - (a.sessions ?? -1)
    || a.id.localeCompare(b.id)).slice(0, limit);
}
