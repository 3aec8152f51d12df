/** Two colours nearer than this (distance in sRGB, of 0…441) are taken for the same at the size of a caret. */
const sameBelow = 24;
const clearlyApart = 56;
const goldenAngle = 137.508;
const candidateCount = 36;
/** The contrast of white letters on a name's colour, WCAG 2, "Contrast (Minimum)". */
const letterContrast = 4.5;

/**
 * A colour for everybody here such that no two are alike. `people`: `[{clientId, color}]`; answers with a Map
 * from client to colour. The first of those with one colour, in the order of their ids, keeps it, and the hue of
 * the next is turned: so all windows that know of the same people show the same colours.
 */
export function distinctColors(people) {
  const colors = new Map();
  const inOrder = [...people].sort((a, b) => (a.clientId < b.clientId ? -1 : 1));
  const taken = [];
  const later = [];
  for (const { clientId, color } of inOrder) {
    const own = parse(safeColor(color));
    if (distance(own, taken) < sameBelow) later.push({ clientId, own });
    else taken.push(own);
    colors.set(clientId, safeColor(color));
  }
  for (const { clientId, own } of later) {
    const color = free(own, taken);
    taken.push(color);
    colors.set(clientId, text(color));
  }
  return colors;
}

/** A colour that comes from elsewhere is used only if it is one. */
export function safeColor(color) {
  return /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/iu.test(color ?? "") ? color : "#64748b";
}

/** The nearest turn of a colour's hue that is clearly another than those taken; else the farthest from them. */
function free(own, taken) {
  const { hue, saturation } = hueOf(own);
  let best = own;
  for (let turn = 1; turn <= candidateCount; turn += 1) {
    const candidate = dark(hue + turn * goldenAngle, Math.max(0.5, saturation));
    const apart = distance(candidate, taken);
    if (apart >= clearlyApart) return candidate;
    if (apart > distance(best, taken)) best = candidate;
  }
  return best;
}

/** The lightest shade of a hue on which white letters can be read. */
function dark(hue, saturation) {
  for (let lightness = 0.5; lightness > 0.1; lightness -= 0.02) {
    const color = fromHue(hue, saturation, lightness);
    if (1.05 / (luminance(color) + 0.05) >= letterContrast) return color;
  }
  return fromHue(hue, saturation, 0.1);
}

function distance(color, others) {
  return Math.min(Infinity, ...others.map((other) => Math.hypot(...color.map((part, index) => part - other[index]))));
}

function parse(color) {
  const digits = color.length === 4 ? [...color.slice(1)].map((digit) => digit + digit).join("") : color.slice(1);
  return [0, 2, 4].map((start) => parseInt(digits.slice(start, start + 2), 16));
}

function text(color) {
  return `#${color.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

function hueOf(color) {
  const [red, green, blue] = color.map((part) => part / 255);
  const most = Math.max(red, green, blue);
  const least = Math.min(red, green, blue);
  const range = most - least;
  if (range === 0) return { hue: 0, saturation: 0 };
  const sixth = most === red ? (green - blue) / range : most === green ? 2 + (blue - red) / range : 4 + (red - green) / range;
  return { hue: sixth * 60, saturation: range / (1 - Math.abs(most + least - 1)) };
}

/** CSS Color 4, section 7.1. */
function fromHue(hue, saturation, lightness) {
  const amount = saturation * Math.min(lightness, 1 - lightness);
  return [0, 8, 4].map((offset) => {
    const step = (((offset + hue / 30) % 12) + 12) % 12;
    return Math.round(255 * (lightness - amount * Math.max(-1, Math.min(step - 3, 9 - step, 1))));
  });
}

/** WCAG 2, "relative luminance". */
function luminance(color) {
  const [red, green, blue] = color.map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
