/** Matches what no operation may hold: U+0000 and lone surrogates (protocol.md, "Positions and operations"). */
const refusedUnits = /\0|\p{Surrogate}/gu;
const replacement = "\uFFFD";

/**
 * The same edit in the shape that an owner accepts: refused units become U+FFFD (one unit for one, so no
 * position moves), an insert's `null` attributes and empty attributes go, trailing plain retains go.
 * `repaired` says whether text was changed, so that the editor has to be changed as well.
 */
export function wellShaped(Delta, operation) {
  const shaped = new Delta();
  let repaired = false;
  for (const op of operation.ops) {
    if (typeof op.delete === "number") {
      shaped.delete(op.delete);
    } else if (op.retain !== undefined) {
      shaped.retain(op.retain, presentAttributes(op.attributes, true));
    } else {
      let content = op.insert;
      if (typeof content === "string") {
        content = content.replace(refusedUnits, replacement);
        repaired ||= content !== op.insert;
      }
      shaped.insert(content, presentAttributes(op.attributes, false));
    }
  }
  shaped.chop();
  return { operation: shaped, repaired };
}

/** The change that puts U+FFFD in the editor where `wellShaped` put it into the operation. */
export function repair(Delta, change) {
  const delta = new Delta();
  for (const op of change.ops) {
    if (typeof op.insert !== "string") {
      delta.retain(op.insert !== undefined ? 1 : op.retain ?? 0);
      continue;
    }
    let from = 0;
    for (const { index } of op.insert.matchAll(refusedUnits)) {
      delta.retain(index - from).insert(replacement, op.attributes).delete(1);
      from = index + 1;
    }
    delta.retain(op.insert.length - from);
  }
  return delta.chop();
}

/**
 * The change of a document by which the halves of a pair that an edit came between stand together again, at the
 * first one: what was put into an emoji follows it. A half whose other half is gone stays as it is.
 */
export function joinPairs(Delta, content) {
  const halves = [];
  let start = 0;
  for (const { insert, attributes } of content.ops) {
    if (typeof insert === "string") {
      for (const { index, 0: half } of insert.matchAll(/\p{Surrogate}/gu)) {
        halves.push({ at: start + index, half, isHigh: isHighSurrogate(half.charCodeAt(0)), attributes });
      }
    }
    start += typeof insert === "string" ? insert.length : 1;
  }
  const change = new Delta();
  let reached = 0;
  for (let index = 0; index + 1 < halves.length; index += 1) {
    const [high, low] = [halves[index], halves[index + 1]];
    if (!high.isHigh || low.isHigh) continue;
    change.retain(high.at + 1 - reached).insert(low.half, high.attributes).retain(low.at - high.at - 1).delete(1);
    reached = low.at + 1;
    index += 1;
  }
  return change;
}

function presentAttributes(attributes, keepNull) {
  if (!attributes) return undefined;
  const entries = Object.entries(attributes).filter(([, value]) => value !== undefined && (keepNull || value !== null));
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** How much of the document an operation reaches over, in UTF-16 units: its retains and deletes. */
export function reach(operation) {
  let units = 0;
  for (const op of operation.ops) {
    if (typeof op.delete === "number") units += op.delete;
    else if (op.retain !== undefined) units += typeof op.retain === "number" ? op.retain : 1;
  }
  return units;
}

const encoder = new TextEncoder();

/** The bytes of an operation on the wire, as UTF-8 JSON. */
export function encodedBytes(ops) {
  return encoder.encode(JSON.stringify(ops)).length;
}

/**
 * Cuts an operation that is larger than `limitBytes` in two: `first` fits (or has one op only that cannot be
 * cut to fit), `rest` is based on the document after `first`, and `first.compose(rest)` is the operation. A
 * surrogate pair is never cut.
 */
export function splitOperation(Delta, operation, limitBytes) {
  if (encodedBytes(operation.ops) <= limitBytes) return { first: operation, rest: new Delta() };
  const first = new Delta();
  let bytes = 2;
  let index = 0;
  let hasEffect = false;
  let remainder = null;
  for (; index < operation.ops.length; index += 1) {
    const op = operation.ops[index];
    const size = encodedBytes(op) + 1;
    const fits = bytes + size <= limitBytes;
    if (fits || (!hasEffect && typeof op.insert !== "string")) {
      first.push(op);
      bytes += size;
      hasEffect ||= changesSomething(op);
      if (fits) continue;
      index += 1;
    } else if (typeof op.insert === "string") {
      const units = fittingUnits(op, limitBytes - bytes, !hasEffect);
      if (units > 0) {
        first.push({ ...op, insert: op.insert.slice(0, units) });
        if (units < op.insert.length) remainder = { ...op, insert: op.insert.slice(units) };
        index += 1;
      }
    }
    break;
  }
  const rest = new Delta().retain(first.ops.reduce((sum, op) => sum + outputLength(op), 0));
  if (remainder) rest.push(remainder);
  for (const op of operation.ops.slice(index)) rest.push(op);
  return { first: first.chop(), rest: rest.chop() };
}

/** Whether an operation can be sent as several smaller ones. */
export function isDivisible(operation) {
  const effects = operation.ops.filter(changesSomething);
  if (effects.length !== 1) return effects.length > 1;
  const [{ insert }] = effects;
  return typeof insert === "string" && [...insert.slice(0, 3)].length > 1;
}

/** Whether an op is more than a step to the next one. */
export function changesSomething(op) {
  return op.retain === undefined || op.attributes !== undefined;
}

/** How many units of an insert's text fit into `room` bytes; at least a pair's two when `force`. */
function fittingUnits(op, room, force) {
  const overhead = encodedBytes({ ...op, insert: "" }) + 1;
  let low = 0;
  let high = op.insert.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (overhead + encodedBytes(op.insert.slice(0, middle)) - 2 <= room) low = middle;
    else high = middle - 1;
  }
  if (low === 0 && force) low = 1;
  const cutsPair = low > 0 && low < op.insert.length && isHighSurrogate(op.insert.charCodeAt(low - 1));
  if (!cutsPair) return low;
  return low === 1 ? (force ? 2 : 0) : low - 1;
}

function isHighSurrogate(unit) {
  return unit >= 0xd800 && unit < 0xdc00;
}

/** How much of the document after it an op covers, in UTF-16 units. */
export function outputLength(op) {
  if (typeof op.insert === "string") return op.insert.length;
  if (op.insert !== undefined) return 1;
  if (typeof op.retain === "number") return op.retain;
  return op.retain !== undefined ? 1 : 0;
}
