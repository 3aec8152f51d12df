// Questions to Prometheus, with Grafana's variables replaced.

const scrapeSeconds = 1;
const mostPoints = 240;
const niceSteps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];

/** Seconds between the points of a line over `range` seconds, not below the panel's own interval. */
export function stepFor(range, interval) {
  const least = Math.max(range / mostPoints, seconds(interval ?? "1s"));
  return niceSteps.find((step) => step >= least) ?? niceSteps.at(-1);
}

/** `15m` in seconds. */
export function seconds(text) {
  const [, number, unit] = /^(\d+)([smhd])$/.exec(text) ?? [];
  return Number(number) * { s: 1, m: 60, h: 3600, d: 86400 }[unit];
}

const escaped = (value) => value.replace(/[.*+?^${}()|[\]\\]/g, "\\\\$&");

/** Replaces `$name` and Grafana's own variables; `variables` maps names to the chosen value or null for all. */
export function resolved(expr, { variables, range, step }) {
  const own = { __rate_interval: `${Math.max(step + scrapeSeconds, 4 * scrapeSeconds)}s`, __interval: `${step}s`,
    __range: `${range}s` };
  return expr.replace(/\$(\w+)/g, (whole, name) => {
    if (name in own) return own[name];
    if (!(name in variables)) return whole;
    return variables[name] == null ? ".*" : escaped(variables[name]);
  });
}

export class Prometheus {
  #base;

  constructor(base) {
    this.#base = base;
  }

  /** The newest value of each series: `[{ metric, value: [seconds, text] }]`. */
  async now(expr, time) { return (await this.#ask("query", { query: expr, time })).result; }

  /** Lines: `[{ metric, values: [[seconds, text], …] }]`. */
  async over(expr, start, end, step) { return (await this.#ask("query_range", { query: expr, start, end, step })).result; }

  /** The values of a label on the series that a selector picks. */
  async labelValues(selector, label) { return this.#ask(`label/${label}/values`, { "match[]": selector }); }

  async alerts() { return (await this.#ask("alerts", {})).alerts; }

  async #ask(path, parameters) {
    const response = await fetch(`${this.#base}/api/v1/${path}?${new URLSearchParams(parameters)}`);
    const answer = await response.json().catch(() => ({ error: `status ${response.status}` }));
    if (answer.status !== "success") throw new Error(answer.error);
    return answer.data;
  }
}
