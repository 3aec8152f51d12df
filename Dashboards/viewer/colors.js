// Colours of lines and of Grafana's names for them, for both themes.

const palette = ["#4c8dff", "#35b584", "#f0a63a", "#a678f2", "#2bb8cf", "#ec6f9f", "#9cbf3f", "#ef6b57", "#7a8cff",
  "#c9a227", "#58c4a0", "#b0738f"];
const fixed = {
  p50: "#4c8dff", p95: "#f0a63a", p99: "#ef5f56", success: "#35b584", failure: "#ef5f56", all: "#8b94a7",
  "sent again": "#a678f2", refused: "#ef6b57", unavailable: "#ef5f56",
};

/** The colour of a line: the same for a node wherever it is drawn, else by its place in the panel. */
export function lineColor(name, index) {
  if (fixed[name]) return fixed[name];
  const number = /^node-(\d+)$/.exec(name)?.[1];
  return palette[(number ? Number(number) - 1 : index) % palette.length];
}

/** Grafana's colour names. */
export function named(color) {
  const names = { green: "#2fac7a", orange: "#ee9b2d", red: "#e8544b", purple: "#a070f0", blue: "#4c8dff" };
  return color === "text" ? style("--ink") : names[color] ?? color;
}

/** The value of a CSS variable of the page. */
export const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** The colour of the highest threshold at or below a value. */
export function thresholdColor(thresholds, value) {
  const reached = thresholds.steps.filter((step) => step.value == null || value >= step.value);
  return named(reached.at(-1)?.color ?? "text");
}
