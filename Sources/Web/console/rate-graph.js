import { element } from "../page/element.js";
import { causeWords, clock, isFailover, rate, short } from "./formats.js";
import { stackedAreas } from "./graph-shape.js";
import { keyedChildren, setText } from "./keyed-children.js";
import { svg } from "./svg.js";

/** The graph goes back so many minutes: the least that shows everything that is known. */
const spans = [1, 2, 5];
const minuteMilliseconds = 60_000;
const height = 200;
const margin = { top: 16, right: 16, bottom: 22, left: 44 };

/** Edits per second of all nodes over the last minutes, with a mark for each failover and handoff. */
export class RateGraph {
  node = element("figure.graph");
  /** The owners with their colours and what each commits now. */
  legend = element("ul.owners", { "aria-label": "Owners" });
  #colors;
  #canvas = svg("svg", { role: "img", height });
  #state = null;

  constructor({ colors }) {
    this.#colors = colors;
    this.node.append(this.#canvas);
    new ResizeObserver(() => this.#draw()).observe(this.node);
  }

  show(state) {
    this.#state = state;
    keyedChildren(this.legend, state.members, {
      key: ({ id }) => id,
      make: () => element("li", {}, element("span.owner-chip"), " ", element("strong")),
      update: (item, { id, editsPerSecond }) => {
        item.firstChild.style.setProperty("--own", this.#colors.of(id));
        setText(item.firstChild, id);
        setText(item.lastChild, rate(editsPerSecond));
      },
    });
    this.#draw();
  }

  #draw() {
    const state = this.#state;
    const width = this.node.clientWidth;
    if (!state || state.at === null || width === 0) return;
    const box = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
    const known = state.at - (state.history[0]?.at ?? state.at);
    const minutes = spans.find((span) => span * minuteMilliseconds >= known) ?? spans.at(-1);
    const time = { from: state.at - minutes * minuteMilliseconds, to: state.at };
    const ids = state.sortedNodes.map(({ id }) => id);
    const { areas, top } = stackedAreas(state.history, ids, time, box);
    const x = (at) => (at - time.from) / (time.to - time.from) * box.width;
    const moves = state.moves.filter(({ at }) => at >= time.from);
    const plot = svg("g", { transform: `translate(${margin.left} ${margin.top})` },
      ...this.#grid(box, top, minutes), ...areas.filter(({ path }) => path !== "").map(({ id, path }) =>
        svg("path", { d: path, class: "area", style: `--own: ${this.#colors.of(id)}` })),
      ...grouped(moves, x).map((group) => mark(group, box)));
    this.#canvas.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.#canvas.setAttribute("width", width);
    this.#canvas.setAttribute("aria-label", `Edits per second over ${minutes} min, now ${rate(state.totals.editsPerSecond)}; `
      + `${moves.filter(({ cause }) => isFailover(cause)).length} failovers in that time.`);
    this.#canvas.replaceChildren(plot);
  }

  #grid(box, top, span) {
    const lines = [0, 0.5, 1].map((share) => svg("g", { transform: `translate(0 ${box.height * (1 - share)})`, class: "grid" },
      svg("line", { x2: box.width }), svg("text", { x: -8, dy: "0.32em", "text-anchor": "end" }, rate(top * share))));
    const steps = span === 5 ? 5 : 4;
    const ticks = Array.from({ length: steps + 1 }, (_, index) => svg("text", {
      class: "tick", x: box.width * (1 - index / steps), y: box.height + 16,
      "text-anchor": index === 0 ? "end" : index === steps ? "start" : "middle",
    }, index === 0 ? "now" : span === 5 ? `−${index} min` : `−${index * span * 60 / steps} s`));
    return [...lines, ...ticks];
  }
}

/** Moves that would be drawn upon each other, together: failovers apart from handoffs. */
function grouped(moves, x) {
  const groups = new Map();
  for (const move of moves) {
    const failed = isFailover(move.cause);
    const place = Math.round(x(move.at) / 6) * 6;
    const key = `${failed} ${place}`;
    if (!groups.has(key)) groups.set(key, { place, failed, moves: [] });
    groups.get(key).moves.push(move);
  }
  // Failovers last: they lie on top.
  return [...groups.values()].sort((a, b) => a.failed - b.failed);
}

function mark({ place, failed, moves }, box) {
  const lines = moves.slice(0, 6).map(({ at, title, document, cause, from, to, gapMicroseconds, takeoverMicroseconds }) =>
    `${clock(at)} ${title ?? document}: ${from ?? "?"} → ${to}, ${causeWords(cause)}, ${short(gapMicroseconds ?? takeoverMicroseconds)}`);
  if (moves.length > 6) lines.push(`and ${moves.length - 6} more`);
  const size = Math.min(9, 5 + moves.length / 2);
  return svg("g", { transform: `translate(${place} 0)`, class: failed ? "mark failover" : "mark handoff" },
    svg("title", {}, lines.join("\n")), svg("line", { y1: 0, y2: box.height }),
    failed ? svg("path", { d: `M0 4L${size} ${-size}H${-size}Z` }) : svg("circle", { r: 4, cy: -3 }));
}
