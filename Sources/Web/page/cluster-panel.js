import { API } from "./api.js";
import { element } from "./element.js";

const pollMilliseconds = 2000;

/**
 * Which node serves this window and which owns the document, and the menu to change the former. Emits `nodes`
 * (`detail`: base URLs of the members) and `move` (`detail`: the base URL to go to).
 */
export class ClusterPanel extends EventTarget {
  node;
  #documentId;
  #identity;
  #members = [];
  #serving = null;
  #served = element("strong", {}, "…");
  #owner = element("strong", {}, "…");
  #list = element("ul.members");
  #details;
  #url;
  #timer = null;

  constructor({ documentId, identity, url }) {
    super();
    this.#documentId = documentId;
    this.#identity = identity;
    this.#url = url;
    const summary = element("summary", { title: "Nodes of the cluster" },
      element("span.dot", { "aria-hidden": "true" }), element("span", {}, "Served by ", this.#served),
      element("span.owned", {}, "owned by ", this.#owner));
    this.#details = element("details.cluster", {}, summary, element("div.menu", {},
      element("h2", {}, "This window is served by"), this.#list,
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
    return this.#members.filter((member) => member.id !== this.#serving && member.state !== "dead");
  }

  /** The client is connected to this node now. */
  moved(url) {
    this.#url = url;
    this.refresh();
  }

  identify(identity) {
    this.#identity = identity;
  }

  /** Asks now, and again every 2 s while the page can be seen. */
  async refresh() {
    clearTimeout(this.#timer);
    this.#timer = null;
    if (document.visibilityState === "hidden") return;
    const url = this.#url;
    const api = new API(url, this.#identity);
    const [cluster, location] = await Promise.allSettled([api.readCluster(), api.locateDocument(this.#documentId)]);
    if (url === this.#url) this.#show(cluster.value, location.value);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.refresh(), pollMilliseconds);
  }

  #show(cluster, location) {
    if (cluster) {
      this.#members = cluster.members;
      this.dispatchEvent(new CustomEvent("nodes", { detail: cluster.members.map(({ url }) => url) }));
    }
    // Who answers is told by the answer: a node may be reached at another URL than its public one.
    const byURL = this.#members.find(({ url }) => url === this.#url)?.id;
    this.#serving = location?.servedBy ?? cluster?.self ?? byURL ?? null;
    this.#served.textContent = this.#serving ?? new URL(this.#url).host;
    this.#owner.textContent = location ? location.owner?.node ?? "nobody yet" : "…";
    this.node.classList.toggle("unreachable", !cluster && !location);
    const { epoch, version } = location ?? {};
    this.#details.querySelector(".owned").title = location ? `epoch ${epoch}, version ${version}` : "";
    this.#showMembers(location?.owner?.node);
  }

  #showMembers(owner) {
    const focused = this.#list.contains(document.activeElement) ? document.activeElement.dataset.node : null;
    this.#list.replaceChildren(...this.#members.map((member) => element("li", {}, this.#memberButton(member, owner))));
    if (focused) this.#list.querySelector(`[data-node="${CSS.escape(focused)}"]`)?.focus();
  }

  #memberButton({ id, url, state, documents }, owner) {
    const isHere = id === this.#serving;
    const roles = [isHere ? "this window" : null, id === owner ? "owner" : null].filter(Boolean).join(" · ");
    const move = () => {
      this.#details.open = false;
      this.dispatchEvent(new CustomEvent("move", { detail: url }));
    };
    return element("button.member", {
      type: "button", "data-node": id, disabled: isHere || state === "dead", "aria-current": isHere, click: move,
    },
    element(`span.state.${String(state).replace(/[^a-z]/giu, "")}`, { title: state }),
    element("span.name", {}, id),
    element("span.role", {}, roles || `${documents} ${documents === 1 ? "document" : "documents"}`));
  }
}
