import { element } from "../page/element.js";
import { failureWords } from "../page/failure-words.js";
import { causeWords, clock, count, isFailover, short, span } from "./formats.js";
import { epochBands, roundTop } from "./graph-shape.js";
import { svg } from "./svg.js";

const refreshMilliseconds = 3000;
const chart = { width: 720, height: 120, band: 14, left: 40, bottom: 18 };

/** One document's past, in a dialog. `read(id)` asks for it; `node()` is the URL of the node that the page talks to. */
export class TimelineView {
  node = element("dialog.timeline", { "aria-labelledby": "timeline-title" });
  #colors;
  #read;
  #node;
  #document = null;
  #timer = null;
  #content = element("div.timeline-body");
  #heading = element("h2", { id: "timeline-title" });
  #facts = element("p.timeline-facts");
  #link = element("a.quiet.open-link", { target: "_blank", rel: "noopener" }, "Open document");

  constructor({ colors, read, node }) {
    this.#colors = colors;
    this.#node = node;
    this.#read = read;
    this.node.append(element("header.timeline-head", {}, element("div", {}, this.#heading, this.#facts), this.#link,
      element("button.quiet", { type: "button", autofocus: true, click: () => this.node.close(), "aria-label": "Close" }, "Close")), this.#content);
    this.node.addEventListener("close", () => this.#closed());
    this.node.addEventListener("click", (event) => {
      if (event.target === this.node) this.node.close();
    });
  }

  open({ id, title }) {
    this.#document = id;
    this.#heading.textContent = title ?? id;
    this.#facts.textContent = id;
    this.#setLink();
    this.#content.replaceChildren(element("p.table-note", {}, "Reading the log…"));
    if (!this.node.open) this.node.showModal();
    this.#refresh();
  }

  /** The page's own node may have gone since. */
  #setLink() {
    this.#link.href = new URL(`/d/${encodeURIComponent(this.#document)}`, this.#node()).href;
  }

  #closed() {
    clearTimeout(this.#timer);
    this.#document = null;
  }

  async #refresh() {
    clearTimeout(this.#timer);
    const id = this.#document;
    let timeline = null;
    let failure = null;
    try {
      timeline = await this.#read(id);
    } catch (error) {
      failure = error;
    }
    if (id !== this.#document) return;
    if (timeline) this.#show(timeline);
    else this.#content.replaceChildren(element("p.table-note.bad", { role: "alert" }, `The timeline could not be read: ${failureWords(failure)}`));
    if (failure?.status !== 404) this.#timer = setTimeout(() => this.#refresh(), refreshMilliseconds);
  }

  #show(timeline) {
    const { document, title, owner, epoch, version, createdAt, epochs, snapshots, activity } = timeline;
    this.#heading.textContent = title;
    this.#setLink();
    this.#facts.replaceChildren(this.#chip(owner), ` epoch ${count(epoch)} · version ${count(version)} · created ${clock(Date.parse(createdAt))} · `,
      element("code", {}, document));
    const position = this.#content.scrollTop;
    this.#content.replaceChildren(
      element("h3", {}, "Edits and owners"),
      activity ? this.#chart(activity, epochs, snapshots) : element("p.table-note", {}, "Nobody has edited this document yet."),
      element("h3", {}, "Epochs"), this.#epochs(epochs),
      element("h3", {}, "Snapshots"), element("ul.snapshots", {}, ...snapshots.map(snapshotItem)));
    this.#content.scrollTop = position;
  }

  #chip(owner) {
    const chip = element(`span.owner-chip${owner ? "" : ".none"}`, {}, owner ?? "nobody owns it now");
    chip.style.setProperty("--own", this.#colors.of(owner));
    return chip;
  }

  #epochs(epochs) {
    return element("ol.epochs", {}, ...epochs.map((each) => {
      const kind = each.cause === null ? "unknown" : isFailover(each.cause) ? "failover" : each.cause;
      const how = each.cause === null ? "" : each.cause === "opened" ? "opened"
        : `${isFailover(each.cause) ? "failover" : "handoff"} from ${each.from ?? "unknown"}${isFailover(each.cause) ? `, ${causeWords(each.cause)}` : ""}`;
      const times = [
        each.gapMicroseconds === null ? null : `sessions waited ${short(each.gapMicroseconds)}`,
        each.takeoverMicroseconds === null ? null : `owner after ${short(each.takeoverMicroseconds)}`,
      ].filter(Boolean).join(", ");
      const written = each.firstVersion === null ? "no edits under it"
        : `versions ${count(each.firstVersion)}–${count(each.lastVersion)}`;
      const start = each.since ?? each.firstAt;
      return element(`li.epoch.${kind}`, {},
        element("span.epoch-number", {}, `Epoch ${count(each.epoch)}`),
        each.owner ? this.#chip(each.owner) : element("span.owner-chip.none", { title: "The nodes that remember it are gone." }, "owner not remembered"),
        element("time", {}, start ? clock(Date.parse(start)) : "–"),
        element("span.how", {}, [how, times].filter(Boolean).join(" · ")), element("span.written", {}, written));
    }));
  }

  #chart({ from, stepMilliseconds, operations }, epochs, snapshots) {
    const start = Date.parse(from);
    const time = { from: start, to: start + stepMilliseconds * operations.length };
    const inner = { width: chart.width - chart.left - 6, height: chart.height - 8 };
    const seconds = stepMilliseconds / 1000;
    const top = roundTop(Math.max(...operations) / seconds);
    const x = (at) => (at - time.from) / (time.to - time.from) * inner.width;
    const bar = inner.width / operations.length;
    const bars = operations.map((many, index) => {
      const tall = many / seconds / top * inner.height;
      return many === 0 ? null : svg("rect", {
        class: "bar-mark", x: index * bar, y: inner.height - tall, width: Math.max(1, bar - (bar > 4 ? 1 : 0)), height: tall,
      }, svg("title", {}, `${clock(start + index * stepMilliseconds)}: ${(many / seconds).toFixed(1)} edits/s`));
    });
    const bands = epochBands(epochs, time).map(({ epoch, owner, from: left, to: right }) => svg("rect", {
      class: "band", x: x(left), y: inner.height + 5, width: Math.max(2, x(right) - x(left) - 1), height: chart.band, rx: 3,
      style: `--own: ${this.#colors.of(owner)}`,
    }, svg("title", {}, `epoch ${epoch}, ${owner ?? "owner not remembered"}`)));
    const marks = snapshots.filter(({ at }) => Date.parse(at) >= time.from && Date.parse(at) <= time.to).map(({ version, at }) =>
      svg("circle", { class: "snapshot-mark", cx: x(Date.parse(at)), cy: inner.height + 5 + chart.band / 2, r: 3 },
        svg("title", {}, `snapshot of version ${version}`)));
    const height = inner.height + chart.band + chart.bottom + 14;
    return svg("svg", {
      class: "activity", viewBox: `0 0 ${chart.width} ${height}`, role: "img",
      "aria-label": `Edits per second over ${span(time.to - time.from)}, ${epochs.length} epochs`,
    }, svg("g", { transform: `translate(${chart.left} 6)` },
      ...[0, 0.5, 1].map((share) => svg("g", { class: "grid", transform: `translate(0 ${inner.height * (1 - share)})` },
        svg("line", { x2: inner.width }), svg("text", { x: -6, dy: "0.32em", "text-anchor": "end" }, String(top * share)))),
      ...bars, ...bands, ...marks,
      svg("text", { class: "tick", x: 0, y: height - 10 }, clock(time.from)),
      svg("text", { class: "tick", x: inner.width, y: height - 10, "text-anchor": "end" }, clock(time.to))));
  }
}

function snapshotItem({ version, at, setAside }) {
  return element(`li${setAside ? ".set-aside" : ""}`, { title: setAside ?? null },
    element("strong", {}, version === 0 ? "created" : `v${count(version)}`), " ", element("time", {}, clock(Date.parse(at))),
    setAside ? " set aside" : null);
}
