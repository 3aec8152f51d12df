// What happened, drawn over every line: from Prometheus, and posted ones in the form of Grafana's HTTP API.

import { legend } from "./format.js";
import { resolved } from "./prometheus.js";
import { named } from "./colors.js";

/** `[{ begin, end, text, color }]` in seconds, of the annotations that a dashboard asks for. */
export async function annotationsOf(list, prometheus, scope) {
  const found = await Promise.all(list.filter((one) => one.enable).map((one) => {
    const kind = one.datasource.type === "prometheus" ? fromPrometheus : posted;
    return kind(one, prometheus, scope).catch(() => []);
  }));
  return found.flat().sort((left, right) => left.begin - right.begin);
}

async function fromPrometheus({ expr, titleFormat, iconColor }, prometheus, scope) {
  const lines = await prometheus.over(resolved(expr, scope), scope.start, scope.end, scope.step);
  return lines.flatMap(({ metric, values }) => {
    const text = legend(titleFormat, metric);
    // Neighbouring points are one event.
    const begins = values.filter(([time], index) => index === 0 || time - values[index - 1][0] > 2 * scope.step);
    return begins.map(([time]) => ({ begin: time, end: time, text, color: named(iconColor) }));
  });
}

async function posted({ target, iconColor }, _, scope) {
  const response = await fetch(`/api/annotations?from=${scope.start * 1000}&to=${scope.end * 1000}`);
  const all = await response.json();
  return all.filter(({ tags }) => target.tags.every((tag) => tags.includes(tag)))
    .map(({ time, timeEnd, text }) => ({ begin: time / 1000, end: timeEnd / 1000, text, color: named(iconColor) }));
}

/** A uPlot plugin that draws what `current()` answers. */
export function annotationMarks(current) {
  const draw = (plot) => {
    const { ctx, bbox } = plot;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    for (const { begin, end, color } of current()) {
      const from = Math.round(plot.valToPos(begin, "x", true));
      const to = Math.round(plot.valToPos(end, "x", true));
      ctx.fillStyle = color;
      ctx.strokeStyle = color;
      ctx.globalAlpha = 0.12;
      if (to > from) ctx.fillRect(from, bbox.top, to - from, bbox.height);
      ctx.globalAlpha = 0.85;
      ctx.lineWidth = devicePixelRatio;
      ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
      for (const x of new Set([from, to])) {
        ctx.beginPath();
        ctx.moveTo(x + 0.5, bbox.top);
        ctx.lineTo(x + 0.5, bbox.top + bbox.height);
        ctx.stroke();
      }
      ctx.setLineDash([]);
      const size = 4 * devicePixelRatio;
      ctx.globalAlpha = 1;
      ctx.beginPath();
      ctx.moveTo(from - size, bbox.top + bbox.height);
      ctx.lineTo(from + size, bbox.top + bbox.height);
      ctx.lineTo(from, bbox.top + bbox.height - 1.6 * size);
      ctx.fill();
    }
    ctx.restore();
  };
  return { hooks: { draw } };
}
