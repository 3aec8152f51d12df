/** Numbers and times as operators read them. What is not known is an en dash. */
export const unknown = "–";

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export function count(value) {
  return value === null || value === undefined ? unknown : whole.format(value);
}

/** A rate per second: one digit behind the point below ten. */
export function rate(value) {
  if (value === null || value === undefined) return unknown;
  return value >= 10 || value === 0 ? whole.format(value) : value.toFixed(1);
}

export function percent(share) {
  return share === null || share === undefined ? unknown : `${whole.format(share * 100)} %`;
}

export function bytes(value) {
  if (value === null || value === undefined) return unknown;
  const units = ["B", "kB", "MB", "GB", "TB"];
  const step = value < 1000 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  const scaled = value / 1000 ** step;
  return `${scaled < 10 && step > 0 ? scaled.toFixed(1) : whole.format(scaled)} ${units[step]}`;
}

/** A span of time in its two largest units: "3 d 4 h", "12 s". */
export function span(milliseconds) {
  if (milliseconds === null || milliseconds === undefined) return unknown;
  let seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const parts = [];
  for (const [unit, size] of [["d", 86400], ["h", 3600], ["min", 60], ["s", 1]]) {
    const many = Math.floor(seconds / size);
    if (many > 0 || (unit === "s" && parts.length === 0)) parts.push(`${many} ${unit}`);
    seconds -= many * size;
  }
  return parts.slice(0, 2).join(" ");
}

/** A short time, from microseconds. */
export function short(microseconds) {
  if (microseconds === null || microseconds === undefined) return unknown;
  if (microseconds < 1000) return `${whole.format(microseconds)} µs`;
  if (microseconds < 10_000) return `${(microseconds / 1000).toFixed(1)} ms`;
  return microseconds < 1_000_000 ? `${whole.format(microseconds / 1000)} ms` : `${(microseconds / 1_000_000).toFixed(1)} s`;
}

/** The time of day, with the day where it is not today. */
export function clock(milliseconds, now = Date.now()) {
  const date = new Date(milliseconds);
  const time = date.toLocaleTimeString("en-GB");
  return date.toDateString() === new Date(now).toDateString() ? time
    : `${date.toLocaleDateString("en-GB", { day: "numeric", month: "short" })} ${time}`;
}

const causes = {
  handoff: "handed over", refused: "process gone", expired: "lease expired", unreachable: "unreachable", opened: "opened",
};

export function causeWords(cause) { return causes[cause] ?? cause; }
export function isFailover(cause) { return cause !== "handoff" && cause !== "opened"; }
