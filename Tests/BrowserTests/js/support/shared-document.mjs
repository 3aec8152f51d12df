import { randomUUID } from "node:crypto";
import { documentDigest } from "../../../../Sources/Web/client/digest.js";
import { DocumentServer } from "./document-server.mjs";

const colors = ["#c2410c", "#0f766e", "#6d28d9", "#b91c1c", "#1d4ed8", "#a16207", "#be185d", "#15803d"];

/** A document of the development server, with the sessions that edit it over WebSockets. */
export class SharedDocument {
  id = randomUUID();
  createdAt = new Date().toISOString();
  updatedAt = this.createdAt;
  epoch = 1;
  title;
  server;

  #Delta;
  #sessions = new Map();
  #held = null;
  #colorCount = 0;

  constructor({ Delta, title, content }) {
    this.#Delta = Delta;
    this.title = title;
    this.server = new DocumentServer({ Delta, content });
  }

  get json() {
    const { id, title, createdAt, updatedAt } = this;
    return { id, title, version: this.server.version, createdAt, updatedAt, permission: "edit" };
  }

  /** A session begins: `socket` is a `ServerSocket`, `parameters` the query of its request. */
  join(socket, parameters) {
    const clientId = parameters.get("clientId") ?? randomUUID();
    this.#sessions.get(clientId)?.socket.close(4408);
    const session = {
      clientId, socket, userId: parameters.get("user") ?? "anonymous", name: parameters.get("name") ?? "Anonymous",
      color: colors[(this.#colorCount += 1) % colors.length], cursor: null, selection: null,
    };
    this.#sessions.set(clientId, session);
    this.#greet(session, parameters);
    this.#tellOthers(session, { type: "client_join", ...who(session) });
    socket.onText = (text) => this.#receive(session, JSON.parse(text));
    socket.onClose = () => {
      if (this.#sessions.get(clientId) !== session) return;
      this.#sessions.delete(clientId);
      this.#tellOthers(session, { type: "client_leave", ...who(session) });
    };
  }

  /** As during a failover: what arrives within `milliseconds` waits, under a new epoch. */
  pause(milliseconds) {
    this.epoch += 1;
    this.#held ??= [];
    setTimeout(() => {
      const held = this.#held ?? [];
      this.#held = null;
      for (const [session, message] of held) this.#receive(session, message);
    }, milliseconds);
  }

  #greet(session, parameters) {
    const { server } = this;
    const clients = [...this.#sessions.values()].map((each) => [each.clientId, {
      userId: each.userId, name: each.name, color: each.color, cursor: each.cursor, selection: each.selection,
    }]);
    const common = {
      clientId: session.clientId, version: server.version, clients, permission: "edit", digest: server.digest,
      limits: { frameBytes: 2 << 20, operationsPerSecond: 500, documentLength: 10_000_000, ...server.limits },
    };
    const asked = parameters.get("version");
    if (asked !== null && this.#digestAt(Number(asked)) === parameters.get("digest")) {
      this.#tell(session, { type: "catchup", ...common, operations: server.after(Number(asked)), head: server.version });
    } else {
      this.#tell(session, {
        type: asked === null ? "init" : "resync", ...common, content: server.content.ops,
        lastOperationId: server.lastOperationId(session.clientId), ...(asked === null ? {} : { reason: "digest" }),
      });
    }
  }

  #digestAt(version) {
    if (version > this.server.version) return null;
    if (version === this.server.version) return this.server.digest;
    if (version > 0) return this.server.log[version - 1].digest;
    return documentDigest([{ insert: "\n" }]);
  }

  #receive(session, message) {
    if (message.type === "ping") return this.#tell(session, { type: "pong" });
    if (this.#held) return this.#held.push([session, message]);
    if (message.type === "resync") return this.#resync(session, "asked");
    if (message.type === "operation") return this.#submit(session, message);
    return this.#place(session, message);
  }

  #submit(session, message) {
    const result = this.server.submit({ ...message, clientId: session.clientId, userId: session.userId });
    if (result.error) {
      this.#tell(session, { type: "error", operationId: message.operationId, ...result.error });
      return this.#resync(session, result.error.code, message.operationId);
    }
    this.updatedAt = new Date().toISOString();
    this.#tell(session, {
      type: "ack", operationId: message.operationId, version: result.version, digest: result.digest,
    });
    if (!result.entry) return undefined;
    const { clientId, userId, version, operation } = result.entry;
    const change = new this.#Delta(operation);
    for (const each of this.#sessions.values()) {
      const stays = each !== session;
      if (each.cursor !== null) each.cursor = change.transformPosition(each.cursor, stays);
      if (each !== session) this.#tell(each, { type: "operation", clientId, userId, version, operation });
    }
    const { cursor, selection } = message;
    if (cursor !== undefined) this.#place(session, { type: "cursor", position: cursor });
    if (selection !== undefined) this.#place(session, { type: "selection", range: selection });
    return undefined;
  }

  #place(session, { type, position, range }) {
    const { clientId } = session;
    const { version } = this.server;
    if (type === "cursor") session.cursor = position;
    if (type === "selection") session.selection = range.length > 0 ? range : null;
    this.#tellOthers(session, type === "cursor"
      ? { type, clientId, version, position } : { type, clientId, version, range: session.selection });
  }

  #resync(session, reason, rejected) {
    const { version, content, digest } = this.server;
    this.#tell(session, {
      type: "resync", version, content: content.ops, digest, reason,
      lastOperationId: this.server.lastOperationId(session.clientId), ...(rejected ? { rejected } : {}),
    });
  }

  #tellOthers(session, message) {
    for (const each of this.#sessions.values()) if (each !== session) this.#tell(each, message);
  }

  #tell(session, message) {
    session.socket.send(JSON.stringify(message));
  }
}

function who({ clientId, userId, name, color }) {
  return { clientId, userId, name, color };
}
