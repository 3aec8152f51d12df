// What the panels over time have in common: uPlot with the page's colours, a shared cursor, a tooltip and annotations.

import { annotationMarks } from "../annotations.js";
import { style } from "../colors.js";

const { uPlot } = window;
const font = "11px system-ui, sans-serif";
const cursors = uPlot.sync("dashboard");

/** Makes a plot in `place`; `options` are uPlot's own beside `lines(index)` for the tooltip and `annotations()`. */
export function chart(place, { series, bands = [], scales = {}, axis = {}, hooks = {}, plugins = [], lines, annotations }, data) {
  const grid = { stroke: style("--grid"), width: 1 };
  const base = { stroke: style("--soft"), font, grid, ticks: { show: false } };
  const plot = new uPlot({
    ...size(place), series: [{}, ...series], bands, hooks, legend: { show: false },
    padding: [8, 8, 0, 0],
    scales: { x: { time: true }, ...scales },
    axes: [{ ...base, size: 26, space: 70, values: clock }, { ...base, size: widest, gap: 6, ...axis }],
    cursor: { sync: { key: cursors.key }, drag: { x: false, y: false }, points: { size: 6 }, y: false },
    plugins: [annotationMarks(annotations), tooltip(lines, annotations), ...plugins],
  }, data, place);
  const observer = new ResizeObserver(() => plot.setSize(size(place)));
  observer.observe(place);
  plot.leave = () => {
    observer.disconnect();
    plot.destroy();
  };
  return plot;
}

const size = (place) => ({ width: Math.max(place.clientWidth, 60), height: Math.max(place.clientHeight, 60) });

const clock = (_, splits, __, ___, increment) => splits.map((time) => new Date(time * 1000).toLocaleTimeString([], {
  hour: "2-digit", minute: "2-digit", ...(increment < 60 ? { second: "2-digit" } : {}), hourCycle: "h23",
}));

function widest(plot, values) {
  if (!values) return 40;
  plot.ctx.font = font;
  return 14 + Math.max(20, ...values.map((value) => plot.ctx.measureText(value ?? "").width / devicePixelRatio));
}

/** A box beside the cursor with what `lines(index)` answers: `[{ name, text, color }]`. */
function tooltip(lines, annotations) {
  const box = document.createElement("div");
  box.className = "tooltip";
  box.hidden = true;
  const show = (plot) => {
    const { left, top, idx } = plot.cursor;
    if (idx == null || left < 0 || !plot.over.matches(":hover")) {
      box.hidden = true;
      return;
    }
    const time = plot.data[0][idx];
    const reach = (plot.scales.x.max - plot.scales.x.min) / 100;
    const events = annotations().filter(({ begin, end }) => time >= begin - reach && time <= end + reach);
    const heading = document.createElement("header");
    heading.textContent = new Date(time * 1000).toLocaleTimeString([], { hourCycle: "h23" });
    box.replaceChildren(heading, ...events.slice(0, 4).map(({ text, color }) => row(text, "", color)),
      ...lines(idx).slice(0, 12).map(({ name, text, color }) => row(name, text, color)));
    box.hidden = false;
    const bounds = plot.over.getBoundingClientRect();
    const x = bounds.left + left + 14;
    box.style.left = `${x + box.offsetWidth > innerWidth ? x - box.offsetWidth - 28 : x}px`;
    box.style.top = `${Math.min(bounds.top + (top ?? 0), innerHeight - box.offsetHeight - 8)}px`;
  };
  return { hooks: { init: () => document.body.append(box), setCursor: show, destroy: () => box.remove() } };
}

function row(name, text, color) {
  const line = document.createElement("div");
  const mark = document.createElement("i");
  mark.style.background = color;
  const value = document.createElement("b");
  value.textContent = text;
  line.append(mark, name, value);
  return line;
}
