// Lines, areas and bars over time, with a table of the newest and largest values below.

import { lineColor, named } from "../colors.js";
import { formatted, legend } from "../format.js";
import { chart } from "./chart.js";

const { uPlot } = window;

export class TimeSeries {
  #panel;
  #place;
  #legend;
  #annotations;
  #plot = null;
  #shape = "";
  #lines = [];

  constructor(panel, body, annotations) {
    this.#panel = panel;
    this.#annotations = annotations;
    this.#place = document.createElement("div");
    this.#place.className = "plot";
    this.#legend = document.createElement("div");
    this.#legend.className = "legend";
    body.append(this.#place, this.#legend);
  }

  async update(ask) {
    const answers = await Promise.all(this.#panel.targets.map((target) => ask.over(target.expr)));
    const found = answers.flatMap((lines, index) => lines.map(({ metric, values }) => ({
      name: legend(this.#panel.targets[index].legendFormat, metric), values,
    })));
    if (this.#panel.targets.length === 1) found.sort((one, other) => collator.compare(one.name, other.name));
    this.#lines = found.map(({ name, values }, index) => ({ name, color: lineColor(name, index), values: onGrid(values, ask) }));
    this.#draw(ask.times);
    this.#list();
    return found.length > 0;
  }

  leave() { this.#plot?.leave(); }

  get #field() { return this.#panel.fieldConfig.defaults; }

  #draw(times) {
    const stacked = this.#field.custom.stacking.mode === "normal";
    const drawn = stacked ? stackUp(this.#lines) : this.#lines.map((line) => line.values);
    const data = [times, ...drawn];
    const shape = JSON.stringify(this.#lines.map(({ name, color }) => [name, color]));
    if (this.#plot && shape === this.#shape) return this.#plot.setData(data);
    this.#shape = shape;
    this.#plot?.leave();
    const { unit, decimals, custom, min, max } = this.#field;
    this.#plot = chart(this.#place, {
      series: this.#lines.map(({ name, color }) => this.#stroke(name, color)),
      // Of stacked lines, each area ends where the one below it begins.
      bands: stacked ? this.#lines.slice(1).map((_, index) => ({ series: [index + 1, index + 2] })) : [],
      scales: { y: this.#scale(custom.scaleDistribution?.type === "log", min, max) },
      axis: {
        values: (_, splits) => splits.map((value) => value == null ? "" : formatted(value, unit)), space: 34,
        ...(/^B/i.test(unit) ? { incrs: powersOfTwo } : {}),
      },
      plugins: [this.#thresholds()],
      lines: (index) => this.#lines.map(({ name, color, values }) => ({ name, color, value: values[index] }))
        .filter(({ value }) => value != null).sort((one, other) => other.value - one.value)
        .map(({ name, color, value }) => ({ name, color, text: formatted(value, unit, decimals) })),
      annotations: this.#annotations,
    }, data);
  }

  #stroke(name, color) {
    const { drawStyle, fillOpacity, lineWidth } = this.#field.custom;
    const alpha = Math.round(fillOpacity * 2.55).toString(16).padStart(2, "0");
    const paths = drawStyle === "bars" ? uPlot.paths.bars({ size: [0.8, 12], align: 0 }) : undefined;
    return { label: name, stroke: color, width: lineWidth * 0.8, fill: color + alpha, paths,
      points: { show: drawStyle === "line", filter: isolated, size: 5, fill: color } };
  }

  #scale(isLog, least, most) {
    if (isLog) return { distr: 3, range: (_, low, high) => logRange(low, high) };
    return { range: (_, low, high) => {
      if (low == null) return [0, most ?? 1];
      const top = most ?? (high > 0 ? high * 1.12 : this.#field.unit === "percentunit" ? 0.01 : 1);
      return [least ?? (low === high ? low - 1 : low), top];
    } };
  }

  #thresholds() {
    const { thresholds, custom } = this.#field;
    const draw = (plot) => {
      if (custom.thresholdsStyle.mode !== "dashed") return;
      const { ctx, bbox } = plot;
      ctx.save();
      ctx.setLineDash([6 * devicePixelRatio, 5 * devicePixelRatio]);
      ctx.lineWidth = devicePixelRatio;
      ctx.globalAlpha = 0.7;
      for (const { value, color } of thresholds.steps) {
        if (value == null || value > plot.scales.y.max || value < plot.scales.y.min) continue;
        const y = Math.round(plot.valToPos(value, "y", true)) + 0.5;
        ctx.strokeStyle = named(color);
        ctx.beginPath();
        ctx.moveTo(bbox.left, y);
        ctx.lineTo(bbox.left + bbox.width, y);
        ctx.stroke();
      }
      ctx.restore();
    };
    return { hooks: { draw } };
  }

  #list() {
    const { unit, decimals } = this.#field;
    this.#legend.replaceChildren(...this.#lines.map(({ name, color, values }) => {
      const known = values.filter((value) => value != null && Number.isFinite(value));
      const item = document.createElement("span");
      const mark = document.createElement("i");
      mark.style.background = color;
      const last = document.createElement("b");
      last.textContent = formatted(known.at(-1), unit, decimals);
      const most = document.createElement("small");
      most.textContent = known.length ? `max ${formatted(Math.max(...known), unit, decimals)}` : "";
      const label = document.createElement("span");
      label.textContent = name;
      label.title = name;
      item.append(mark, label, last, most);
      return item;
    }));
  }
}

const powersOfTwo = Array.from({ length: 50 }, (_, power) => 2 ** power);
const collator = new Intl.Collator("en", { numeric: true });

/** Prometheus's points as one value for each time of the shown span; null where there is none. */
export function onGrid(values, { times, start, step }) {
  const result = new Array(times.length).fill(null);
  for (const [time, text] of values) {
    const value = Number(text);
    if (!Number.isNaN(value)) result[Math.round((time - start) / step)] = value;
  }
  return result;
}

/** Each line on top of those after it: the first is drawn highest. A line that is missing beside others has no height. */
function stackUp(lines) {
  const isKnown = lines[0]?.values.map((_, at) => lines.some(({ values }) => values[at] != null)) ?? [];
  const result = new Array(lines.length);
  let below = isKnown.map(() => 0);
  for (let index = lines.length - 1; index >= 0; index -= 1) {
    below = below.map((under, at) => under + (lines[index].values[at] ?? 0));
    result[index] = below.map((value, at) => isKnown[at] ? value : null);
  }
  return result;
}

/** The points that no line reaches, for uPlot to draw as dots. */
function isolated(plot, index) {
  const values = plot.data[index];
  return values.flatMap((value, at) => value != null && values[at - 1] == null && values[at + 1] == null ? [at] : []);
}

function logRange(low, high) {
  if (low == null || !(high > 0)) return [0.1, 10];
  return [10 ** Math.floor(Math.log10(Math.max(low, high / 1e6))), 10 ** Math.ceil(Math.log10(high * 1.01))];
}

