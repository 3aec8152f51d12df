// A panel in the grid: its frame, title and states around what it draws.

import { Heatmap } from "./heatmap.js";
import { Stat } from "./stat.js";
import { Table } from "./table.js";
import { Text } from "./text.js";
import { Timeline } from "./timeline.js";
import { TimeSeries } from "./timeseries.js";

const kinds = { heatmap: Heatmap, stat: Stat, table: Table, text: Text, timeseries: TimeSeries, "state-timeline": Timeline };

export class Panel {
  #content;
  #frame = document.createElement("section");
  #state = document.createElement("p");
  isVisible = false;

  constructor(panel, annotations) {
    const { x, y, w, h } = panel.gridPos;
    this.#frame.className = `panel ${panel.type}`;
    this.#frame.style.gridArea = `${y + 1} / ${x + 1} / span ${h} / span ${w}`;
    this.#frame.style.setProperty("--rows", h);
    if (panel.title) {
      const title = document.createElement("h3");
      const words = document.createElement("span");
      words.textContent = panel.title;
      words.title = panel.title;
      title.append(words);
      if (panel.description) {
        const note = document.createElement("span");
        note.className = "note";
        note.title = panel.description;
        note.textContent = "i";
        title.append(note);
      }
      this.#frame.append(title);
    }
    const body = document.createElement("div");
    body.className = "body";
    this.#state.className = "state";
    this.#frame.append(body, this.#state);
    this.#content = new kinds[panel.type](panel, body, annotations);
  }

  get element() { return this.#frame; }

  /** Asks and draws; what goes wrong is said in the panel. */
  async update(ask) {
    try {
      const hasData = await this.#content.update(ask);
      this.#say(hasData ? "" : "No data", "empty");
    } catch (error) {
      this.#say(error.message, "failed");
    }
  }

  leave() { this.#content.leave(); }

  #say(text, kind) {
    this.#state.textContent = text;
    this.#frame.dataset.state = text ? kind : "";
  }
}

/** The heading of a row of panels. */
export function heading({ title, gridPos: { y, h } }) {
  const made = document.createElement("h2");
  made.textContent = title;
  made.style.gridArea = `${y + 1} / 1 / span ${h} / span 24`;
  return made;
}
