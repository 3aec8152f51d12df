import { randomUUID } from "node:crypto";

const titles = ["Quarterly plan", "Incident review 2026-11", "Onboarding guide", "Release notes 4.2", "Board minutes", "Budget draft",
  "Design critique", "Hiring scorecards", "Roadmap", "Pricing experiments", "Security questionnaire", "Customer interviews",
  "Translation glossary", "Runbook: failover", "Press kit", "Survey results", "Team offsite", "Architecture notes"];

/** What the operators' console of a cluster of make-believe is told: documents that are edited at random. */
export class MakeBelieveConsole {
  #nodes;
  #documents = titles.map((title, index) => ({
    id: randomUUID(), title, owner: null, epoch: 1 + index % 3, version: 40 * index, sessions: 1 + (index * 7) % 12,
    pace: 40 / (1 + index), past: [],
  }));
  #moves = [];
  #gone = new Map();
  #draining = new Set();
  #startedAt = Date.now() - 7_400_000;

  /** `alive()` gives the nodes `{id, url}` that live. */
  constructor(alive) {
    this.#nodes = alive;
    for (const each of this.#documents) each.past.push({ epoch: each.epoch, owner: null, cause: "opened", from: null, since: Date.now() - 600_000 });
  }

  drain(id) { this.#draining.add(id); }
  undrain(id) { this.#draining.delete(id); }
  ended(node) { this.#gone.set(node.id, { node, at: Date.now() }); }

  /** A message `state` as the node would send it now. */
  state(self) {
    this.#settle();
    const now = Date.now();
    const documents = this.#documents.map((each) => ({
      id: each.id, title: each.title, owner: each.owner, epoch: each.epoch, version: each.version, sessions: each.sessions,
      editsPerSecond: Math.max(0, Math.round(each.pace * (1 + 0.4 * Math.sin(now / 9000 + each.pace) + 0.3 * (Math.random() - 0.5)) * 10) / 10),
    }));
    for (const [index, each] of this.#documents.entries()) each.version += Math.round(documents[index].editsPerSecond);
    const nodes = this.#nodes().map((node) => {
      const owned = documents.filter(({ owner }) => owner === node.id);
      const editsPerSecond = owned.reduce((sum, each) => sum + each.editsPerSecond, 0);
      this.#gone.delete(node.id);
      const draining = this.#draining.has(node.id);
      return {
        id: node.id, incarnation: "71f0c2", url: node.url, state: draining ? "draining" : "active", draining, documents: owned.length,
        sessions: owned.length * 4, capacity: 100, since: null, message: null, startedAt: this.#startedAt, editsPerSecond,
        processors: 0.02 + editsPerSecond / 300, memoryBytes: 64e6 + 1e6 * owned.length,
      };
    });
    const gone = [...this.#gone.values()].map(({ node, at }) => ({
      id: node.id, incarnation: "71f0c2", url: node.url, state: "gone", draining: false, documents: 0, sessions: 0, capacity: 100,
      since: at, message: null, startedAt: this.#startedAt, editsPerSecond: null, processors: null, memoryBytes: null,
    }));
    return { type: "state", at: now, cluster: "development", self, nodes: [...nodes, ...gone], documents, moves: this.#moves };
  }

  find(text) {
    const wanted = text.toLowerCase();
    return this.#documents.filter(({ title }) => title.toLowerCase().includes(wanted)).map(({ id, title, owner, epoch, version }) =>
      ({ id, title, owner, epoch, version, updatedAt: new Date().toISOString() }));
  }

  timeline(id) {
    const found = this.#documents.find((each) => each.id === id);
    if (!found) return null;
    const now = Date.now();
    const steps = 120;
    const share = found.version / found.past.length;
    return {
      document: id, title: found.title, createdAt: new Date(now - 86_400_000).toISOString(), owner: found.owner, epoch: found.epoch,
      version: found.version,
      epochs: found.past.map((each, index) => ({
        epoch: each.epoch, owner: each.owner, since: new Date(each.since).toISOString(), cause: each.cause, from: each.from,
        takeoverMicroseconds: 11_000, gapMicroseconds: each.cause === "refused" ? 84_000 : null,
        firstVersion: Math.round(share * index) + 1, lastVersion: Math.round(share * (index + 1)),
        firstAt: new Date(each.since + 500).toISOString(), lastAt: new Date(now).toISOString(),
      })).reverse(),
      snapshots: [3, 2, 1, 0].map((index) => ({ version: index * 100, at: new Date(now - (4 - index) * 120_000).toISOString(), setAside: null })),
      activity: {
        from: new Date(now - steps * 5000).toISOString(), stepMilliseconds: 5000,
        operations: Array.from({ length: steps }, (_, index) => Math.round(found.pace * 5 * (1 + Math.sin(index / 7)) * (0.6 + Math.random() * 0.4))),
      },
    };
  }

  /** Gives every document whose owner is gone or leaving to another node. */
  #settle() {
    const alive = this.#nodes();
    const taking = alive.filter(({ id }) => !this.#draining.has(id));
    for (const [index, each] of this.#documents.entries()) {
      const isAlive = alive.some(({ id }) => id === each.owner);
      if ((isAlive && !this.#draining.has(each.owner)) || taking.length === 0) continue;
      const [from, to] = [each.owner, taking[index % taking.length].id];
      each.owner = to;
      if (from === null) {
        each.past[0].owner = to;
        continue;
      }
      each.epoch += 1;
      const cause = isAlive ? "handoff" : "refused";
      each.past.push({ epoch: each.epoch, owner: to, cause, from, since: Date.now() });
      this.#moves.push({
        document: each.id, title: each.title, cause, from, to, epoch: each.epoch, version: each.version, at: Date.now() + index,
        takeoverMicroseconds: 9000 + index * 400, gapMicroseconds: isAlive ? null : 62_000 + index * 1700,
      });
    }
  }
}
