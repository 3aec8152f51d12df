import { safeColor } from "./distinct-colors.js";
import { element } from "./element.js";

const nameShownMilliseconds = 2500;

/** Draws where the others are over a Quill editor: carets with names, and what they have selected. */
export class RemoteCursors {
  #quill;
  #layer;
  #marks = new Map();
  #others = [];
  #frame = null;

  constructor(quill) {
    this.#quill = quill;
    this.#layer = element("div.remote-cursors", { "aria-hidden": "true" });
    quill.container.append(this.#layer);
    new ResizeObserver(() => this.#schedule()).observe(quill.root);
    quill.root.addEventListener("load", () => this.#schedule(), true);
    quill.on("editor-change", () => this.#schedule());
  }

  /** `others`: `{clientId, name, color, cursor, selection}`, positions in the editor. */
  show(others) {
    this.#others = others;
    this.#schedule();
  }

  #schedule() {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = null;
      this.#draw();
    });
  }

  #draw() {
    const present = new Set();
    for (const other of this.#others) {
      if (other.cursor === null && other.selection === null) continue;
      present.add(other.clientId);
      const mark = this.#marks.get(other.clientId) ?? this.#makeMark(other.clientId);
      this.#drawCaret(mark, other);
      this.#drawSelection(mark, other);
    }
    for (const [clientId, mark] of this.#marks) {
      if (present.has(clientId)) continue;
      mark.node.remove();
      clearTimeout(mark.timer);
      this.#marks.delete(clientId);
    }
  }

  #makeMark(clientId) {
    const label = element("span.remote-name");
    const caret = element("div.remote-caret", {}, label);
    const selection = element("div.remote-selection");
    const mark = { node: element("div", {}, selection, caret), caret, label, selection, position: null, timer: null };
    this.#layer.append(mark.node);
    this.#marks.set(clientId, mark);
    return mark;
  }

  #drawCaret(mark, { name, color, cursor, selection }) {
    const position = cursor ?? selection.index + selection.length;
    const last = this.#quill.getLength() - 1;
    const bounds = this.#quill.getBounds(Math.max(0, Math.min(position, last)));
    mark.caret.hidden = bounds === null;
    if (bounds === null) return;
    mark.node.style.setProperty("--remote", safeColor(color));
    mark.label.textContent = name || "Someone";
    mark.caret.style.transform = `translate(${Math.round(bounds.left)}px, ${Math.round(bounds.top)}px)`;
    mark.caret.style.height = `${Math.round(bounds.height)}px`;
    mark.caret.classList.toggle("at-top", bounds.top < 20);
    if (mark.position === position) return;
    mark.position = position;
    mark.caret.classList.add("moved");
    clearTimeout(mark.timer);
    mark.timer = setTimeout(() => mark.caret.classList.remove("moved"), nameShownMilliseconds);
  }

  #drawSelection(mark, { selection }) {
    const boxes = selection === null ? [] : this.#boxes(selection);
    mark.selection.replaceChildren(...boxes.map(({ left, top, width, height }) => {
      const box = element("div.remote-range");
      Object.assign(box.style, { left: `${left}px`, top: `${top}px`, width: `${width}px`, height: `${height}px` });
      return box;
    }));
  }

  /** The boxes that a range covers, one for each line or run, relative to the layer. */
  #boxes({ index, length }) {
    const end = Math.min(index + length, this.#quill.getLength());
    const [startLeaf, startOffset] = this.#quill.getLeaf(index);
    const [endLeaf, endOffset] = this.#quill.getLeaf(end);
    if (!startLeaf || !endLeaf) return [];
    const range = document.createRange();
    try {
      range.setStart(...startLeaf.position(startOffset, true));
      range.setEnd(...endLeaf.position(endOffset, true));
    } catch {
      // The text under the range is being replaced; the next frame draws it.
      return [];
    }
    const origin = this.#layer.getBoundingClientRect();
    const seen = new Set();
    return [...range.getClientRects()]
      .map((box) => ({
        left: box.left - origin.left, top: box.top - origin.top, width: Math.max(box.width, 4), height: box.height,
      }))
      .filter((box) => {
        const key = [box.left, box.top, box.width].map(Math.round).join();
        return !seen.has(key) && seen.add(key);
      });
  }
}
