// States as coloured bars over time, one row for each line.

import { named, style } from "../colors.js";
import { legend } from "../format.js";
import { chart } from "./chart.js";
import { onGrid } from "./timeseries.js";

export class Timeline {
  #panel;
  #place = document.createElement("div");
  #annotations;
  #plot = null;
  #rows = [];

  constructor(panel, body, annotations) {
    this.#panel = panel;
    this.#annotations = annotations;
    this.#place.className = "plot";
    body.append(this.#place);
  }

  async update(ask) {
    const [{ expr, legendFormat }] = this.#panel.targets;
    this.#rows = (await ask.over(expr)).map(({ metric, values }) => ({
      name: legend(legendFormat, metric), values: onGrid(values, ask),
    })).sort((one, other) => other.name.localeCompare(one.name, "en", { numeric: true }));
    this.#plot?.leave();
    this.#plot = this.#rows.length ? this.#chart(ask) : null;
    if (!this.#plot) this.#place.replaceChildren();
    return this.#rows.length > 0;
  }

  leave() { this.#plot?.leave(); }

  #state(value) { return this.#panel.fieldConfig.defaults.mappings[0].options[String(value)]; }

  #chart({ times, step }) {
    const height = this.#rows.length;
    return chart(this.#place, {
      series: [{ stroke: "transparent", points: { show: false } }],
      scales: { y: { range: () => [0, height] } },
      axis: {
        splits: () => this.#rows.map((_, index) => index + 0.5), grid: { show: false },
        values: (_, splits) => splits.map((split) => this.#rows[Math.floor(split)].name),
      },
      hooks: { drawAxes: [(plot) => this.#bars(plot, times, step)] },
      lines: (at) => this.#rows.filter(({ values }) => values[at] != null).map(({ name, values }) => ({
        name, text: this.#state(values[at])?.text ?? String(values[at]), color: named(this.#state(values[at])?.color ?? "text"),
      })).reverse(),
      annotations: this.#annotations,
    }, [times, times.map(() => null)]);
  }

  #bars(plot, times, step) {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textBaseline = "middle";
    ctx.textAlign = "left";
    this.#rows.forEach(({ values }, index) => {
      const middle = plot.valToPos(index + 0.5, "y", true);
      const thick = Math.min(34 * devicePixelRatio, bbox.height / this.#rows.length * 0.62);
      for (const { from, to, value } of runs(values)) {
        const left = Math.max(bbox.left, plot.valToPos(times[from] - step, "x", true));
        const right = plot.valToPos(times[to], "x", true);
        const { color, text } = this.#state(value) ?? { color: "text", text: String(value) };
        ctx.fillStyle = named(color);
        ctx.beginPath();
        ctx.roundRect(left, middle - thick / 2, Math.max(1, right - left), thick, 3 * devicePixelRatio);
        ctx.fill();
        if (right - left < ctx.measureText(text).width + 16 * devicePixelRatio) continue;
        ctx.fillStyle = style("--card");
        ctx.fillText(text, left + 8 * devicePixelRatio, middle + 0.5);
      }
    });
    ctx.restore();
  }
}

/** Stretches of the same value: `[{ from, to, value }]` by index. */
export function runs(values) {
  const found = [];
  values.forEach((value, index) => {
    if (value == null) return;
    const last = found.at(-1);
    if (last && last.to === index - 1 && last.value === value) last.to = index;
    else found.push({ from: index, to: index, value });
  });
  return found;
}
