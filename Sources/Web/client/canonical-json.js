/** Matches a surrogate that is not half of a pair. */
const loneSurrogate = /\p{Surrogate}/u;

/**
 * Writes a JSON value in the one form that RFC 8785 (JSON Canonicalization Scheme) gives it: members sorted
 * by the UTF-16 units of their names, numbers and strings as ECMAScript's `JSON.stringify` writes them, no
 * white space. Throws a `RangeError` for what the scheme refuses: lone surrogates and numbers that are not
 * finite (RFC 8785, sections 3.2.2.2 and 3.2.2.3).
 */
export function canonicalJSON(value) {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number") return canonicalNumber(value);
  if (typeof value === "string") return canonicalString(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJSON).join(",")}]`;
  if (typeof value === "object") {
    const members = Object.keys(value).filter((name) => value[name] !== undefined).sort();
    return `{${members.map((name) => `${canonicalString(name)}:${canonicalJSON(value[name])}`).join(",")}}`;
  }
  throw new RangeError(`${typeof value} is not a JSON value`);
}

function canonicalNumber(value) {
  if (!Number.isFinite(value)) throw new RangeError("a JSON number is finite");
  return JSON.stringify(value);
}

function canonicalString(value) {
  if (loneSurrogate.test(value)) throw new RangeError("a JSON string has no lone surrogate");
  return JSON.stringify(value);
}
