import { API } from "./api.js";
import { element } from "./element.js";
import { httpOrigin, MemberList, memberWords } from "./member-list.js";

const pollMilliseconds = 2000;

/**
 * Which node serves this window and which owns the document, and the menu to change the former. Emits `nodes`
 * (`detail`: base URLs of the members that live) and `move` (`detail`: the base URL to go to).
 */
export class ClusterPanel extends EventTarget {
  node;
  #documentId;
  #identity;
  #members = new MemberList();
  #serving = null;
  #served = element("strong", {}, "…");
  #owner = element("strong", {}, "…");
  #facts = element("p.facts");
  #list = element("ul.members");
  #details;
  #url;
  #timer = null;
  #isClosed = false;

  constructor({ documentId, identity, url }) {
    super();
    this.#documentId = documentId;
    this.#identity = identity;
    this.#url = url;
    const summary = element("summary", { title: "Nodes of the cluster" },
      element("span.dot", { "aria-hidden": "true" }), element("span", {}, "Served by ", this.#served),
      element("span.owned", {}, "owned by ", this.#owner));
    this.#details = element("details.cluster", {}, summary, element("div.menu", {},
      element("h2", {}, "This window is served by"), this.#list, this.#facts,
      element("p.hint", {}, "Any node can serve any document. One owns it and puts the edits in order.")));
    this.node = this.#details;
    document.addEventListener("click", (event) => {
      if (!this.#details.contains(event.target)) this.#details.open = false;
    });
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#details.open = false;
    });
    document.addEventListener("visibilitychange", () => this.refresh());
  }

  /** The members that can be opened in another window. */
  get others() {
    const others = this.#members.alive.filter((member) => member.id !== this.#serving);
    const staying = others.filter(({ state }) => state !== "draining");
    return staying.length > 0 ? staying : others;
  }

  /** The client is connected to this node now. */
  moved(url) {
    this.#url = url;
    this.refresh();
  }

  identify(identity) {
    this.#identity = identity;
  }

  /** Asks no more. */
  close() {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  /** Asks now, and again every 2 s while the page can be seen. */
  async refresh() {
    clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#isClosed || document.visibilityState === "hidden") return;
    const url = this.#url;
    const api = new API(url, this.#identity);
    const [cluster, location] = await Promise.allSettled([api.readCluster(), api.locateDocument(this.#documentId)]);
    if (url === this.#url) this.#show(cluster.value, location.value);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.refresh(), pollMilliseconds);
  }

  #show(cluster, location) {
    if (cluster) {
      this.#members.take(cluster.members);
      this.dispatchEvent(new CustomEvent("nodes", { detail: this.#members.alive.map(({ url }) => url) }));
    }
    // Who answers is told by the answer: a node may be reached at another URL than its public one.
    const byURL = this.#members.alive.find(({ url }) => url === this.#url)?.id;
    this.#serving = location?.servedBy ?? cluster?.self ?? byURL ?? null;
    this.#served.textContent = this.#serving ?? new URL(this.#url).host;
    this.#owner.textContent = location ? location.owner?.node ?? "nobody yet" : "…";
    this.node.classList.toggle("unreachable", !cluster && !location);
    const { epoch, version } = location ?? {};
    const owner = location?.owner?.node;
    this.#facts.textContent = !location ? "" : owner ? `Owned by ${owner} · epoch ${epoch} · version ${version}`
      : "Owned by nobody yet";
    this.#showMembers(owner);
  }

  #showMembers(owner) {
    const focused = this.#list.contains(document.activeElement) ? document.activeElement.dataset.node : null;
    this.#list.replaceChildren(...this.#members.members.map((member) => element("li", {}, this.#memberButton(member, owner))));
    if (focused) this.#list.querySelector(`[data-node="${CSS.escape(focused)}"]`)?.focus();
  }

  #memberButton(member, owner) {
    const { id, url, state } = member;
    const isHere = id === this.#serving;
    const isDead = state === "dead";
    const move = () => {
      this.#details.open = false;
      this.dispatchEvent(new CustomEvent("move", { detail: url }));
    };
    return element("button.member", {
      type: "button", "data-node": id, disabled: isHere || isDead || httpOrigin(url) === null, "aria-current": isHere, click: move,
    },
    element(`span.state.${String(state).replace(/[^a-z]/giu, "")}`, { title: state }),
    element("span.name", {}, id),
    element("span.role", {}, memberWords(member, { isHere, isOwner: id === owner })));
  }
}
