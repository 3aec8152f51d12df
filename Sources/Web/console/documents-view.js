import { element } from "../page/element.js";
import { selectDocuments } from "./console-state.js";
import { count, rate } from "./formats.js";
import { keyedChildren, setText } from "./keyed-children.js";
import { PacedSearch } from "./paced-search.js";

const columns = [
  ["title", "Document", ""], ["owner", "Owner", ""], ["epoch", "Epoch", "number"], ["version", "Version", "number"],
  ["sessions", "Sessions", "number"], ["edits", "Edits/s", "number"],
];

/** The table of documents. `open(document)` shows one; `search(text)` asks the cluster for those that are not busy. */
export class DocumentsView {
  node;
  #body = element("tbody");
  #count = element("p.table-note", { "aria-live": "polite" });
  #field;
  #colors;
  #open;
  #search;
  #state = null;
  #found = [];
  #failure = null;
  #order = "edits";
  #descending = true;
  #heads;

  constructor({ colors, open, search }) {
    this.#colors = colors;
    this.#open = open;
    this.#search = new PacedSearch({ search, tell: (answer) => this.#answered(answer) });
    this.#field = element("input.search", {
      type: "search", placeholder: "Title or id", "aria-label": "Search documents by title or id", maxlength: 200,
      spellcheck: "false", autocomplete: "off", input: () => this.#typed(),
    });
    this.#heads = columns.map(([name, label, kind]) => element("th", { scope: "col", class: kind },
      element("button.sort", { type: "button", "data-order": name, click: () => this.#sort(name) }, label)));
    this.node = element("section.panel.documents-panel", { "aria-labelledby": "documents-title" },
      element("div.panel-head", {}, element("h2", { id: "documents-title" }, "Documents"), this.#field),
      element("div.table-scroll", { tabindex: "0", role: "region", "aria-labelledby": "documents-title" },
        element("table", {}, element("thead", {}, element("tr", {}, ...this.#heads)), this.#body)), this.#count);
  }

  show(state) {
    this.#state = state;
    this.#draw();
  }

  #sort(name) {
    this.#descending = name === this.#order ? !this.#descending : name !== "title" && name !== "owner";
    this.#order = name;
    this.#draw();
  }

  #typed() {
    const text = this.#field.value.trim();
    this.#failure = null;
    if (text === "") this.#found = [];
    this.#search.want(text);
    this.#draw();
  }

  #answered({ found, failure = null }) {
    if (found) this.#found = found;
    this.#failure = failure;
    this.#draw();
  }

  #draw() {
    if (!this.#state) return;
    const text = this.#field.value;
    const documents = [...this.#state.documents.values()];
    const shown = selectDocuments(documents, this.#found, { text, order: this.#order, descending: this.#descending });
    this.#heads.forEach((head, index) => {
      const isOrder = columns[index][0] === this.#order;
      if (isOrder) head.setAttribute("aria-sort", this.#descending ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    });
    const top = Math.max(1, ...shown.map(({ editsPerSecond }) => editsPerSecond ?? 0));
    keyedChildren(this.#body, shown, {
      key: ({ id }) => id, make: () => this.#make(), update: (row, each) => this.#update(row, each, top),
    });
    const owned = this.#state.totals.documents;
    setText(this.#count, this.#failure ? "The cluster could not be searched; only the busiest documents are looked through."
      : text.trim() !== "" ? `${shown.length} found.`
        : owned > shown.length ? `The busiest ${shown.length} of ${count(owned)} open documents. Search finds all others.`
          : shown.length === 0 ? "No document is open. Search finds those that are not." : "");
    this.#count.classList.toggle("bad", this.#failure !== null);
    this.#count.hidden = this.#count.textContent === "";
  }

  #make() {
    // A narrow window has no row of heads: each figure has its name with it.
    const number = (label) => element("td.number", { "data-label": label });
    const row = element("tr", {}, element("th", { scope: "row" },
      element("button.document-link", { type: "button" }, element("span.name"), element("span.id"))),
    element("td", {}, element("span.owner-chip")), number("epoch"), number("version"), number("sessions"),
    element("td.number.edits", { "data-label": "edits/s" }, element("span.meter", { "aria-hidden": "true" }), element("span.value")));
    row.querySelector("button").addEventListener("click", () => this.#open(row.shown));
    return row;
  }

  #update(row, each, top) {
    row.shown = each;
    row.dataset.document = each.id;
    setText(row.querySelector(".name"), each.title ?? "…");
    setText(row.querySelector(".id"), each.id.slice(0, 8));
    row.querySelector(".id").title = each.id;
    const [, owner, epoch, version, sessions, edits] = row.children;
    const isKnown = each.owner !== null && each.owner !== undefined;
    owner.firstChild.classList.toggle("none", !isKnown);
    owner.firstChild.style.setProperty("--own", this.#colors.of(each.owner));
    setText(owner.firstChild, isKnown ? each.owner : "nobody");
    setText(epoch, count(each.epoch));
    setText(version, count(each.version));
    setText(sessions, count(each.sessions));
    setText(edits.querySelector(".value"), rate(each.editsPerSecond));
    edits.querySelector(".meter").style.setProperty("--share", (each.editsPerSecond ?? 0) / top);
  }
}
