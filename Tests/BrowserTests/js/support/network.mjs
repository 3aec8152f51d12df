import { EditMachine } from "../../../../Sources/Web/client/edit-machine.js";

/**
 * One editor in a simulated network: an edit machine, the editor it drives (a Delta in the place of Quill)
 * and a line to the server that delays, breaks and repeats. Time is a number that the test moves.
 */
export class SimulatedEditor {
  machine;
  editor = null;
  /** Frames on their way, oldest first; null while there is no connection. */
  toServer = null;
  toClient = null;
  problems = [];
  /** How often it sent an operation above the limit that it had been told. */
  oversizeFrames = 0;

  #Delta;
  #server;
  #peers;
  #operationCount = 0;

  constructor({ Delta, server, peers, name }) {
    this.name = name;
    this.#Delta = Delta;
    this.#server = server;
    this.#peers = peers;
    this.machine = this.#machine({ clientId: null, draft: null });
  }

  /** The page is loaded again, with the draft that it left. */
  reload() {
    this.disconnect();
    const draft = this.machine.draft();
    const stored = draft === null ? null : JSON.parse(JSON.stringify(draft));
    this.machine = this.#machine({ clientId: this.machine.clientId, draft: stored });
    this.editor = this.machine.localContent;
  }

  connect(now, { refuseResume = false } = {}) {
    const parameters = this.machine.resumeParameters();
    this.toServer = [];
    this.toClient = [];
    this.perform(this.machine.connected());
    const server = this.#server;
    const canResume = parameters.version !== undefined && !refuseResume;
    if (canResume) {
      this.toClient.push({
        type: "catchup", clientId: this.name, version: server.version, operations: server.after(parameters.version),
        clients: [], permission: "edit", digest: server.digest, head: server.version, limits: server.limits,
      });
    } else {
      this.toClient.push({
        type: parameters.version === undefined ? "init" : "resync", clientId: this.name, version: server.version,
        content: server.content.ops, clients: [], permission: "edit", digest: server.digest,
        limits: server.limits, lastOperationId: server.lastOperationId(this.name), reason: "resume",
      });
    }
  }

  /** What is on its way in either direction is lost. */
  disconnect() {
    if (this.toServer === null) return;
    this.toServer = null;
    this.toClient = null;
    this.perform(this.machine.disconnected());
  }

  edit(change, now) {
    this.editor = this.editor.compose(change);
    this.perform(this.machine.edit(change, { index: 0, length: 0 }, now));
  }

  /** The server takes the oldest frame of this editor. */
  deliverToServer() {
    const message = this.toServer.shift();
    const server = this.#server;
    if (message.type === "resync") return this.resync("asked");
    if (message.type !== "operation") return undefined;
    if (JSON.stringify(message.operation).length > server.limits.operationBytes) this.oversizeFrames += 1;
    const result = server.submit({ ...message, clientId: this.name, userId: this.name });
    if (result.error) {
      this.toClient.push({ type: "error", operationId: message.operationId, ...result.error });
      return this.resync(result.error.code, message.operationId);
    }
    this.toClient.push({
      type: "ack", operationId: message.operationId, version: result.version, digest: result.digest,
    });
    if (!result.entry) return undefined;
    const { clientId, userId, version, operation } = result.entry;
    for (const peer of this.#peers) {
      if (peer !== this && peer.toClient !== null) {
        peer.toClient.push({ type: "operation", clientId, userId, version, operation });
      }
    }
    return undefined;
  }

  /** The server gives this editor its content anew. */
  resync(reason, rejected) {
    const server = this.#server;
    this.toClient.push({
      type: "resync", version: server.version, content: server.content.ops, digest: server.digest, reason,
      lastOperationId: server.lastOperationId(this.name), ...(rejected ? { rejected } : {}),
    });
  }

  deliverToClient(now) {
    // Frames are text: what the machine gets shares nothing with the server.
    this.perform(this.machine.receive(JSON.parse(JSON.stringify(this.toClient.shift())), now));
  }

  discardUnsaved() {
    this.perform(this.machine.discardUnsaved());
  }

  tick(now) {
    this.perform(this.machine.tick(now));
  }

  perform(actions) {
    for (const action of actions) {
      if (action.kind === "send") this.toServer?.push(JSON.parse(JSON.stringify(action.message)));
      else if (action.kind === "reset") this.editor = action.content;
      else if (action.kind === "change") this.editor = this.editor.compose(action.delta);
      else if (action.kind === "problem") this.problems.push(action);
    }
  }

  #machine({ clientId, draft }) {
    return new EditMachine({
      Delta: this.#Delta, clientId, draft,
      makeOperationId: () => `${this.name}-${(this.#operationCount += 1)}`,
    });
  }
}
