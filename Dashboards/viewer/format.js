// Numbers as Grafana's units write them.

const steps = [[1e12, " T"], [1e9, " B"], [1e6, " M"], [1e3, " K"]];
const binary = [[2 ** 40, " TiB"], [2 ** 30, " GiB"], [2 ** 20, " MiB"], [2 ** 10, " KiB"], [0, " B"]];

const trimmed = (value, decimals) => {
  const size = Math.abs(value);
  const digits = decimals ?? (size === 0 || size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3);
  const text = value.toFixed(digits);
  return decimals == null && text.includes(".") ? text.replace(/\.?0+$/, "") : text;
};

const scaled = (value, table, decimals) => {
  const [factor, suffix] = table.find(([least]) => Math.abs(value) >= least) ?? [1, ""];
  return trimmed(value / (factor || 1), factor > 1 ? decimals ?? undefined : decimals) + suffix;
};

const milliseconds = (value, decimals) => {
  const size = Math.abs(value);
  if (size >= 60000) return `${trimmed(value / 60000)} min`;
  if (size >= 1000) return `${trimmed(value / 1000, 2)} s`;
  if (size > 0 && size < 0.1) return `${trimmed(value * 1000)} µs`;
  return `${trimmed(value, decimals)} ms`;
};

/** The value with its unit; a dash when there is none. */
export function formatted(value, unit = "short", decimals = undefined) {
  if (value == null || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  switch (unit) {
    case "ms": return milliseconds(value, decimals);
    case "percentunit": return `${trimmed(value * 100, decimals)} %`;
    case "bytes": return scaled(value, binary, decimals);
    case "Bps": return `${scaled(value, binary, decimals)}/s`;
    case "ops": case "reqps": return `${scaled(value, steps, decimals)}/s`;
    default: return scaled(value, steps, decimals);
  }
}

/** Grafana's legend template, such as `{{server_id}}`; all labels when there is none. */
export function legend(template, labels) {
  if (template) return template.replace(/{{\s*(\w+)\s*}}/g, (_, name) => labels[name] ?? "");
  const shown = Object.entries(labels).filter(([name]) => name !== "__name__");
  return shown.map(([name, value]) => `${name}=${value}`).join(", ") || "value";
}
