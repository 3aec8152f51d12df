import { documentDigest } from "../../../../Sources/Web/client/digest.js";

/**
 * The owner of one document, in memory: what a `collab.v1` server does, without sockets, durability or
 * failover. The client tests run against it, and the development server serves it.
 */
export class DocumentServer {
  version = 0;
  content;
  /** Every operation: `{clientId, userId, operationId, version, operation}` with ops. */
  log = [];

  #Delta;
  #maximumOperationBytes;

  constructor({ Delta, content = [{ insert: "\n" }], maximumOperationBytes = 256 * 1024 }) {
    this.#Delta = Delta;
    this.content = new Delta(content);
    this.#maximumOperationBytes = maximumOperationBytes;
  }

  get digest() {
    return documentDigest(this.content.ops);
  }

  get limits() {
    return { operationBytes: this.#maximumOperationBytes };
  }

  lastOperationId(clientId) {
    return this.log.findLast((entry) => entry.clientId === clientId)?.operationId ?? null;
  }

  /** `{version, digest, entry}` (no entry for a duplicate), or `{error: {code, message}}`. */
  submit({ clientId, userId, operationId, version, operation }) {
    const earlier = this.log.find((entry) => entry.clientId === clientId && entry.operationId === operationId);
    if (earlier) return { version: earlier.version, digest: this.#digestAt(earlier.version) };
    if (!Number.isInteger(version) || version < 0 || version > this.version) {
      return refusal("invalid_operation", `no version ${version}`);
    }
    if (JSON.stringify(operation).length > this.#maximumOperationBytes) {
      return refusal("too_large", "the operation is too large");
    }
    let transformed = new this.#Delta(operation);
    for (const entry of this.log.slice(version)) {
      transformed = new this.#Delta(entry.operation).transform(transformed, true);
    }
    const fault = faultOf(transformed, this.content);
    if (fault) return refusal("invalid_operation", fault);
    this.content = this.content.compose(transformed);
    this.version += 1;
    const entry = {
      clientId, userId, operationId, version: this.version, operation: transformed.ops, digest: this.digest,
    };
    this.log.push(entry);
    return { version: this.version, digest: entry.digest, entry };
  }

  after(version) {
    return this.log.slice(version).map(({ digest, ...entry }) => entry);
  }

  #digestAt(version) {
    return this.log[version - 1].digest;
  }
}

function refusal(code, message) {
  return { error: { code, message } };
}

/** What is wrong with an operation on this content, or null (protocol.md, "Positions and operations"). */
function faultOf(operation, content) {
  const text = content.ops.map((op) => (typeof op.insert === "string" ? op.insert : "\uFFFC")).join("");
  const cutsPair = (index) => /[\uD800-\uDBFF]/.test(text[index - 1] ?? "") && /[\uDC00-\uDFFF]/.test(text[index] ?? "");
  let index = 0;
  for (const op of operation.ops) {
    if (op.insert !== undefined) {
      if (typeof op.insert === "string" && /\0|\p{Surrogate}/u.test(op.insert)) return "refused characters";
      if (cutsPair(index)) return "splits a surrogate pair";
      continue;
    }
    const length = op.delete ?? op.retain;
    if (!Number.isInteger(length) || length < 1) return "a length below 1";
    const isPlainRetain = op.retain !== undefined && !op.attributes;
    if (!isPlainRetain && cutsPair(index)) return "splits a surrogate pair";
    index += length;
    if (index > text.length) return "reaches past the end";
    if (!isPlainRetain && cutsPair(index)) return "splits a surrogate pair";
  }
  return null;
}
