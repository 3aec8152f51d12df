import { element } from "../page/element.js";
import { causeWords, clock, isFailover, short } from "./formats.js";
import { keyedChildren, setText } from "./keyed-children.js";

const shownMoves = 60;

/** The latest failovers and handoffs, the newest first. `open(document)` shows a document's timeline. */
export class MovesView {
  node;
  #list = element("ol.moves");
  #empty = element("p.table-note", {}, "No document has changed its owner lately.");
  #colors;
  #open;

  constructor({ colors, open }) {
    this.#colors = colors;
    this.#open = open;
    this.node = element("section.panel.moves-panel", { "aria-labelledby": "moves-title" },
      element("div.panel-head", {}, element("h2", { id: "moves-title" }, "Failovers and handoffs")), this.#list, this.#empty);
  }

  show(state) {
    this.#empty.hidden = state.moves.length > 0;
    keyedChildren(this.#list, state.moves.slice(0, shownMoves), {
      key: ({ document, epoch }) => `${document} ${epoch}`, make: () => this.#make(), update: (row, move) => this.#update(row, move),
    });
  }

  #make() {
    const row = element("li.move", {}, element("time"), element("span.kind"),
      element("button.document-link", { type: "button" }, element("span.name")),
      element("span.way", {}, element("span.owner-chip.from"), element("span", { "aria-label": "to" }, "→"), element("span.owner-chip.to")),
      element("span.took"));
    row.querySelector("button").addEventListener("click", () => this.#open({ id: row.shown.document, title: row.shown.title }));
    return row;
  }

  #update(row, move) {
    row.shown = move;
    row.dataset.kind = isFailover(move.cause) ? "failover" : "handoff";
    setText(row.querySelector("time"), clock(move.at));
    setText(row.querySelector(".kind"), causeWords(move.cause));
    setText(row.querySelector(".name"), move.title ?? move.document.slice(0, 8));
    for (const [side, id] of [[".from", move.from], [".to", move.to]]) {
      const chip = row.querySelector(side);
      setText(chip, id ?? "unknown");
      chip.style.setProperty("--own", this.#colors.of(id));
    }
    const took = row.querySelector(".took");
    setText(took, move.gapMicroseconds === null ? short(move.takeoverMicroseconds) : short(move.gapMicroseconds));
    took.title = (move.gapMicroseconds === null ? "" : `Sessions were without an owner for ${short(move.gapMicroseconds)} at most. `)
      + `The new owner began after ${short(move.takeoverMicroseconds)}, with epoch ${move.epoch} at version ${move.version}.`;
  }
}
