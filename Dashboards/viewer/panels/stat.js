// The newest value as a large number, over a line of its course.

import { style, thresholdColor } from "../colors.js";
import { formatted } from "../format.js";

export class Stat {
  #panel;
  #number = document.createElement("strong");
  #course = document.createElementNS("http://www.w3.org/2000/svg", "svg");

  constructor(panel, body) {
    this.#panel = panel;
    this.#course.setAttribute("preserveAspectRatio", "none");
    this.#course.setAttribute("viewBox", "0 0 100 30");
    body.classList.add("stat");
    body.append(this.#number, this.#course);
  }

  async update(ask) {
    const [{ expr, instant }] = this.#panel.targets;
    const [first] = instant ? await ask.now(expr) : await ask.over(expr);
    const points = (instant ? [first?.value] : first?.values ?? []).filter(Boolean)
      .map(([time, text]) => [time, Number(text)]).filter(([, value]) => Number.isFinite(value));
    // A line that ended a while ago is not the newest value.
    const newest = points.at(-1);
    const value = newest && ask.end - newest[0] <= 3 * ask.step ? newest[1] : null;
    const { unit, decimals, thresholds, noValue } = this.#panel.fieldConfig.defaults;
    const color = value == null ? style("--soft") : thresholdColor(thresholds, value);
    this.#number.textContent = value == null && noValue ? noValue : formatted(value, unit, decimals);
    this.#number.classList.toggle("words", value == null && Boolean(noValue));
    this.#number.style.color = color;
    this.#draw(points, ask, value == null ? style("--soft") : thresholds.steps.length > 1 ? color : style("--accent"));
    return value != null || Boolean(noValue);
  }

  leave() {}

  #draw(points, { start, end }, color) {
    this.#course.replaceChildren();
    if (points.length < 2) return;
    const values = points.map(([, value]) => value);
    const low = Math.min(...values, 0);
    const high = Math.max(...values) || 1;
    const line = points.map(([time, value]) =>
      `${((time - start) / (end - start) * 100).toFixed(2)},${(28 - (value - low) / (high - low) * 26).toFixed(2)}`);
    const first = line[0].split(",")[0];
    const last = line.at(-1).split(",")[0];
    this.#course.append(
      shape("polygon", { points: `${first},30 ${line.join(" ")} ${last},30`, fill: color, "fill-opacity": 0.13 }),
      shape("polyline", {
        points: line.join(" "), fill: "none", stroke: color, "stroke-width": 1.5, "vector-effect": "non-scaling-stroke",
      }));
  }
}

function shape(name, attributes) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
