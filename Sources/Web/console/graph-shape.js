/** A round number at or above `value`, for the top of an axis: 1, 2 or 5 times a power of ten. */
export function roundTop(value) {
  if (!(value > 1)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((top) => top >= value);
}

/**
 * Areas of the rates of several nodes, one upon the other: `[{id, path}]` from the lowest, and `top`, the end of the
 * axis. `history` is `[{at, rates}]`; `box` is `{width, height}`; the time `from` is at x = 0, `to` at the right.
 */
export function stackedAreas(history, ids, { from, to }, { width, height }) {
  const points = history.filter(({ at }) => at >= from && at <= to);
  const sums = points.map(({ rates }) => ids.reduce((sum, id) => sum + (rates.get(id) ?? 0), 0));
  const top = roundTop(Math.max(1, ...sums));
  const x = (at) => round((at - from) / (to - from) * width);
  const y = (value) => round(height - value / top * height);
  let below = points.map(() => 0);
  const areas = ids.map((id) => {
    const above = points.map(({ rates }, index) => below[index] + (rates.get(id) ?? 0));
    const isEmpty = above.every((value, index) => value === below[index]);
    const edge = points.map(({ at }, index) => `${x(at)} ${y(above[index])}`);
    const base = points.map(({ at }, index) => `${x(at)} ${y(below[index])}`).reverse();
    below = above;
    return { id, path: isEmpty || points.length < 2 ? "" : `M${edge.join("L")}L${base.join("L")}Z` };
  });
  return { areas, top };
}

/** A line of values from left to right, the newest at the right edge; null is a gap. */
export function sparkline(values, slots, { width, height }) {
  const top = Math.max(1, ...values.filter((value) => value !== null));
  let path = "";
  let isDrawing = false;
  values.forEach((value, index) => {
    if (value === null) {
      isDrawing = false;
      return;
    }
    const x = round(width - (values.length - 1 - index) / (slots - 1) * width);
    path += `${isDrawing ? "L" : "M"}${x} ${round(height - value / top * height)}`;
    isDrawing = true;
  });
  return path;
}

/** The area between a sparkline and the bottom. */
export function areaUnder(line, { height }) {
  return line.split("M").filter(Boolean).map((part) => {
    const points = part.split("L");
    const [first, last] = [points[0], points.at(-1)].map((point) => point.split(" ")[0]);
    return `M${first} ${height}L${points.join("L")}L${last} ${height}Z`;
  }).join("");
}

/** The stretches of time under each epoch, the oldest first, cut to what is shown: `[{epoch, owner, from, to}]`. */
export function epochBands(epochs, { from, to }) {
  const known = epochs
    .map(({ epoch, owner, since, firstAt }) => ({ epoch, owner, start: Date.parse(since ?? firstAt ?? "") }))
    .filter(({ start }) => Number.isFinite(start))
    .sort((a, b) => a.epoch - b.epoch);
  return known.map(({ epoch, owner, start }, index) => ({
    epoch, owner, from: Math.max(start, from), to: Math.min(known[index + 1]?.start ?? to, to),
  })).filter((band) => band.to > band.from);
}

function round(value) { return Math.round(value * 10) / 10; }
