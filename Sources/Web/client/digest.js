import { canonicalJSON } from "./canonical-json.js";

/** The modulus of both polynomial hashes, 2^31 - 1. */
const modulus = 2147483647;
const twoTo31 = 2147483648;
const bases = [131, 65599];

const encoder = new TextEncoder();

/** FNV-1a, 32 bits, of a text's UTF-8 bytes. */
export function fnv1a32(text) {
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/**
 * The digest of a document (protocol.md, "Server to client"): 16 hexadecimal digits, the hash of base 131
 * and then that of base 65,599, each 8 digits. `ops` are the document's inserts; how they are cut into runs
 * makes no difference.
 */
export function documentDigest(ops) {
  let low = 0;
  let high = 0;
  for (const op of ops) {
    const tag = attributesTag(op.attributes);
    if (typeof op.insert === "string") {
      const text = op.insert;
      for (let index = 0; index < text.length; index += 1) {
        const unit = text.charCodeAt(index) + tag;
        high = reduced(high * bases[0] + unit);
        low = reduced(low * bases[1] + unit);
      }
    } else {
      const unit = 65536 + (fnv1a32(canonicalJSON(op.insert)) % 1048576) + tag;
      high = reduced(high * bases[0] + unit);
      low = reduced(low * bases[1] + unit);
    }
  }
  return hex(high) + hex(low);
}

function attributesTag(attributes) {
  if (!attributes) return 0;
  for (const _ in attributes) return (fnv1a32(canonicalJSON(attributes)) % 512) * 2097152;
  return 0;
}

/** `value` modulo 2^31 - 1, for values below 2^53: 2^31 is congruent to 1. */
function reduced(value) {
  const quotient = Math.floor(value / twoTo31);
  const folded = value - quotient * twoTo31 + quotient;
  return folded >= modulus ? folded - modulus : folded;
}

function hex(value) {
  return value.toString(16).padStart(8, "0");
}
