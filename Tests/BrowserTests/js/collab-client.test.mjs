import assert from "node:assert/strict";
import test from "node:test";
import { CollabClient } from "../../../Sources/Web/client/collab-client.js";
import { documentDigest } from "../../../Sources/Web/client/digest.js";
import { Delta } from "./support/quill-delta.mjs";

const content = [{ insert: "abc\n" }];
const opening = {
  type: "init", clientId: "me", version: 5, content, clients: [], permission: "edit",
  digest: documentDigest(content), limits: {}, lastOperationId: null,
};

/** A client on sockets that the test plays the server of. */
function makeClient(context, rest = {}) {
  const sockets = [];
  class FakeSocket {
    readyState = 0;
    sent = [];
    constructor(url, protocol) {
      Object.assign(this, { url: new URL(url), protocol });
      sockets.push(this);
    }
    send(text) { this.sent.push(JSON.parse(text)); }
    close(code) { this.closedWith = code; }
    open() {
      this.readyState = 1;
      this.onopen();
    }
    say(message) { this.onmessage({ data: JSON.stringify(message) }); }
    end(code) {
      this.readyState = 3;
      this.onclose({ code });
    }
  }
  const client = new CollabClient({
    Delta, documentId: "d 1", nodes: ["http://a:1", "https://b:2"], identity: { user: "u", name: "Ü" },
    WebSocket: FakeSocket, clock: () => client.now, random: () => 0, ...rest,
  });
  client.now = 0;
  context.after(() => client.close());
  client.start();
  return { client, sockets };
}

test("a client connects with its identity and resumes with client, version and digest", (context) => {
  const { client, sockets } = makeClient(context, { firstConnection: 70 });
  assert.equal(sockets[0].url.href, "ws://a:1/doc/d%201?user=u&name=%C3%9C&connection=70");
  assert.equal(sockets[0].protocol, "collab.v1");
  sockets[0].open();
  assert.equal(client.status, "loading");
  sockets[0].say(opening);
  assert.equal(client.status, "saved");
  client.now = 6000;
  sockets[0].end(1006);
  assert.equal(client.status, "offline");
  assert.equal(sockets[1].url.origin, "wss://b:2");
  const parameters = Object.fromEntries(sockets[1].url.searchParams);
  assert.deepEqual(parameters, {
    user: "u", name: "Ü", clientId: "me", version: "5", digest: documentDigest(content), connection: "71",
  });
});

test("an edit is saving until its ack and kept while offline", (context) => {
  const { client, sockets } = makeClient(context);
  sockets[0].open();
  sockets[0].say(opening);
  client.edit(new Delta().insert("x"), { index: 1, length: 0 });
  assert.equal(client.status, "saving");
  const [{ operationId }] = sockets[0].sent;
  sockets[0].say({ type: "ack", operationId, version: 6 });
  assert.equal(client.status, "saved");
  client.now = 6000;
  sockets[0].end(1001);
  client.edit(new Delta().insert("y"), { index: 1, length: 0 });
  assert.equal(client.status, "offline");
  assert.equal(client.localContent.ops[0].insert, "yxabc\n");
  assert.notEqual(client.draft(), null);
});

test("a socket that was given up is not listened to any more", (context) => {
  const { client, sockets } = makeClient(context);
  sockets[0].open();
  sockets[0].say(opening);
  client.moveTo("https://b:2");
  assert.equal(sockets[0].closedWith, 1000);
  sockets[0].say({ type: "operation", clientId: "x", version: 6, operation: [{ insert: "?" }] });
  sockets[0].end(4410);
  assert.equal(client.version, 5);
  assert.notEqual(client.status, "stopped");
});

test("a final close code stops the client and is told once", (context) => {
  const { client, sockets } = makeClient(context);
  const codes = [];
  client.addEventListener("stopped", ({ detail }) => codes.push(detail.code));
  sockets[0].open();
  sockets[0].end(4404);
  assert.deepEqual(codes, [4404]);
  assert.equal(client.status, "stopped");
  assert.equal(sockets.length, 1);
});

test("what the server says while an input method composes is taken afterwards, in order", (context) => {
  const { client, sockets } = makeClient(context);
  const changes = [];
  client.addEventListener("change", ({ detail }) => changes.push(detail.delta.ops));
  sockets[0].open();
  sockets[0].say(opening);
  client.hold();
  sockets[0].say({ type: "operation", clientId: "x", version: 6, operation: [{ insert: "1" }] });
  sockets[0].say({ type: "operation", clientId: "x", version: 7, operation: [{ retain: 1 }, { insert: "2" }] });
  assert.equal(client.version, 5);
  client.edit(new Delta().retain(3).insert("語"), { index: 4, length: 0 });
  client.release();
  assert.equal(client.version, 7);
  assert.equal(client.localContent.ops[0].insert, "12abc語\n");
  assert.equal(changes.length, 2);
});

test("a client without content says when no node answers", (context) => {
  const { client, sockets } = makeClient(context);
  sockets[0].end(1006);
  assert.equal(client.status, "loading");
  sockets[1].end(1006);
  assert.equal(client.status, "unreachable");
});
