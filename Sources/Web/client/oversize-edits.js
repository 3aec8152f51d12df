import { encodedBytes, outputLength } from "./operation-shape.js";

/** What else is in an operation with one op: brackets, and a retain that leads to the op. */
const surroundingsBytes = encodedBytes([{ retain: Number.MAX_SAFE_INTEGER }]) + 1;

/**
 * Takes out of an operation what no server would accept: ops that cannot be cut and are larger than
 * `largestOpBytes`, and inserts for which the document has no `room` (UTF-16 units) left.
 *
 * `sendable.compose(held)` is the operation. `causes` has one entry for each op in `held`: `{kind, bytes,
 * limitBytes}` or `{kind: "length", units, room}`, where `kind` is an embed's, or `"format"` for attributes.
 */
export function setOversizeAside(Delta, operation, { largestOpBytes, room }) {
  const sendable = new Delta();
  const held = new Delta();
  const causes = [];
  let free = operation.ops.reduce((sum, op) => sum + (op.delete ?? 0), room);
  for (const op of operation.ops) {
    const cause = tooLarge(op, largestOpBytes) ?? tooLong(op, free);
    if (cause === null) {
      sendable.push(op);
      held.retain(outputLength(op));
      if (op.insert !== undefined) free -= outputLength(op);
      continue;
    }
    causes.push(cause);
    held.push(op);
    if (op.retain !== undefined) sendable.retain(outputLength(op));
  }
  if (causes.length === 0) return { sendable: operation, held: new Delta(), causes };
  return { sendable: sendable.chop(), held: held.chop(), causes };
}

/** The change that leads from the document with `held` back to positions of the one without it. */
export function withoutHeld(Delta, held) {
  const change = new Delta();
  for (const op of held.ops) {
    if (op.insert !== undefined) change.delete(outputLength(op));
    else change.retain(outputLength(op));
  }
  return change;
}

/** The bytes of the smallest operation that can bring this op, or a first piece of it, into a document. */
export function leastBytes(op) {
  if (typeof op.insert !== "string") return encodedBytes(op) + surroundingsBytes;
  return encodedBytes({ ...op, insert: [...op.insert.slice(0, 2)][0] }) + surroundingsBytes;
}

function tooLarge(op, limitBytes) {
  const isText = typeof op.insert === "string";
  const embed = op.insert !== undefined && !isText ? op.insert : null;
  if (embed === null && op.attributes === undefined && typeof op.retain !== "object") return null;
  if (most(embed ?? op.retain ?? null) + most(op.attributes ?? null) + 2 * surroundingsBytes <= limitBytes) return null;
  const bytes = leastBytes(op);
  if (bytes <= limitBytes) return null;
  return { kind: embed === null ? "format" : Object.keys(embed)[0] ?? "embed", bytes, limitBytes };
}

function tooLong(op, room) {
  if (op.insert === undefined || outputLength(op) <= room) return null;
  return { kind: "length", units: outputLength(op), room: Math.max(0, room) };
}

/** More bytes than a value has as JSON, found without writing it. */
function most(value) {
  if (typeof value === "string") return 6 * value.length + 2;
  if (typeof value !== "object" || value === null) return 32;
  return Object.entries(value).reduce((sum, [name, part]) => sum + 6 * name.length + 4 + most(part), 2);
}
