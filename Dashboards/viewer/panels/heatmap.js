// A histogram over time: one column for each time, one row for each bucket, darker where more fell into it.

import { style } from "../colors.js";
import { formatted } from "../format.js";
import { chart } from "./chart.js";
import { onGrid } from "./timeseries.js";

export class Heatmap {
  #panel;
  #place = document.createElement("div");
  #annotations;
  #plot = null;
  #rows = [];
  #most = 0;

  constructor(panel, body, annotations) {
    this.#panel = panel;
    this.#annotations = annotations;
    this.#place.className = "plot";
    body.append(this.#place);
  }

  async update(ask) {
    const [{ expr }] = this.#panel.targets;
    const lines = (await ask.over(expr)).map(({ metric, values }) => ({
      bound: metric.le === "+Inf" ? Infinity : Number(metric.le), values: onGrid(values, ask),
    })).sort((one, other) => one.bound - other.bound);
    const all = lines.map(({ bound, values }, index) => ({
      bound, above: index ? lines[index - 1].bound : 0,
      counts: values.map((value, at) => value == null ? null : Math.max(0, value - (lines[index - 1]?.values[at] ?? 0))),
    }));
    // Buckets outside of everything that was met are not shown.
    const met = all.map(({ counts }) => counts.some((count) => count > 0));
    const first = Math.max(0, met.indexOf(true) - 1);
    const last = met.lastIndexOf(true);
    this.#rows = last < 0 ? [] : all.slice(first, last + 2);
    this.#most = Math.max(1, ...this.#rows.flatMap(({ counts }) => counts.map((count) => count ?? 0)));
    this.#plot?.leave();
    this.#plot = this.#rows.length ? this.#chart(ask) : null;
    if (!this.#plot) this.#place.replaceChildren();
    return this.#rows.length > 0;
  }

  leave() { this.#plot?.leave(); }

  #chart({ times, step }) {
    const unit = this.#panel.options.yAxis.unit;
    const height = this.#rows.length;
    const every = Math.ceil(height / 8);
    return chart(this.#place, {
      series: [{ show: true, stroke: "transparent", points: { show: false } }],
      scales: { y: { range: () => [0, height] } },
      axis: {
        splits: () => this.#rows.map((_, index) => index + 1).filter((index) => index % every === 0),
        values: (_, splits) => splits.map((index) => formatted(this.#rows[index - 1].bound, unit)),
      },
      hooks: { drawAxes: [(plot) => this.#cells(plot, times, step)] },
      lines: (at) => this.#rows.map(({ bound, above, counts }) => ({
        name: `${formatted(above, unit)} – ${formatted(bound, unit)}`, count: counts[at], color: this.#shade(counts[at] ?? 0),
      })).filter(({ count }) => count > 0).reverse()
        .map(({ name, count, color }) => ({ name, color, text: formatted(count) })),
      annotations: this.#annotations,
    }, [times, times.map(() => null)]);
  }

  #shade(count) {
    const share = Math.round(14 + 86 * Math.sqrt(count / this.#most));
    return `color-mix(in oklab, ${style("--heat")} ${share}%, ${style("--card")})`;
  }

  #cells(plot, times, step) {
    const { ctx } = plot;
    ctx.save();
    this.#rows.forEach(({ counts }, index) => {
      const top = plot.valToPos(index + 1, "y", true);
      const bottom = plot.valToPos(index, "y", true);
      counts.forEach((count, at) => {
        if (!(count > 0.01)) return;
        const right = plot.valToPos(times[at], "x", true);
        const left = Math.max(plot.bbox.left, plot.valToPos(times[at] - step, "x", true));
        ctx.fillStyle = this.#shade(count);
        ctx.fillRect(left, top + 1, Math.max(1, right - left - 0.5), bottom - top - 1);
      });
    });
    ctx.restore();
  }
}
