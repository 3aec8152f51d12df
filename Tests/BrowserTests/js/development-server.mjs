// A cluster of make-believe for working on the page: `node development-server.mjs --ports 26001,26002`.
//
// Every port is a "node" of one process that shares its documents: the page, the HTTP API that the page uses,
// `collab.v1` without durability, and the operators' console with documents of its own that edit themselves. POST /development/nodes/{id}/kill and …/start end and begin a node.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { documentDigest } from "../../../Sources/Web/client/digest.js";
import { MakeBelieveConsole } from "./support/make-believe-console.mjs";
import { Delta } from "./support/quill-delta.mjs";
import { SharedDocument } from "./support/shared-document.mjs";
import { ServerSocket } from "./support/web-socket-server.mjs";

const web = new URL("../../../Sources/Web/", import.meta.url);
const types = { html: "text/html; charset=utf-8", js: "text/javascript", css: "text/css", svg: "image/svg+xml" };
const failoverMilliseconds = 150;

const { values } = parseArgs({ options: { ports: { type: "string", default: "26001,26002,26003" } } });
const documents = new Map();
const consoles = new MakeBelieveConsole(() => nodes.filter(({ server }) => server !== null));
const nodes = values.ports.split(",").map((port, index) => makeNode(`node-${index + 1}`, Number(port)));

function makeNode(id, port) {
  return { id, port, url: `http://127.0.0.1:${port}`, server: null, sockets: new Set() };
}

function start(node) {
  node.server = createServer((request, response) => {
    answer(node, request, response).catch((error) => send(response, 500, failure("unavailable", error.message)));
  });
  node.server.on("connection", (socket) => {
    node.sockets.add(socket);
    socket.on("close", () => node.sockets.delete(socket));
  });
  node.server.on("upgrade", (request, socket) => upgrade(node, request, socket));
  node.server.listen(node.port, "127.0.0.1");
}

function kill(node) {
  const owned = ownedBy(node);
  node.server?.close();
  node.server = null;
  consoles.ended(node);
  for (const socket of node.sockets) socket.destroy();
  for (const document of owned) document.pause(failoverMilliseconds);
}

function owner(document) {
  const alive = nodes.filter((node) => node.server !== null);
  return alive[parseInt(document.id.slice(0, 4), 16) % alive.length];
}

function ownedBy(node) {
  return [...documents.values()].filter((document) => owner(document) === node);
}

function upgrade(node, request, socket) {
  const url = new URL(request.url, "http://localhost");
  if (url.pathname === "/api/console") return watch(node, new ServerSocket(request, socket, "collab.console.v1"), socket);
  const connection = new ServerSocket(request, socket, "collab.v1");
  const document = documents.get(url.pathname.match(/^\/doc\/([^/]+)$/u)?.[1]);
  if (document) document.join(connection, url.searchParams);
  else connection.close(4404);
}

function watch(node, connection, socket) {
  const tell = () => connection.send(JSON.stringify(consoles.state(node.id)));
  const timer = setInterval(tell, 1000);
  socket.on("close", () => clearInterval(timer));
  tell();
}

function answerConsole(parts, url, request, response) {
  if (parts[2] === "nodes" && parts[4] === "drain") {
    if (request.method === "DELETE") consoles.undrain(parts[3]);
    else consoles.drain(parts[3]);
    return send(response, 202, {});
  }
  if (parts.length === 3) return send(response, 200, { items: consoles.find(url.searchParams.get("search")) });
  const timeline = consoles.timeline(parts[3]);
  return timeline ? send(response, 200, timeline) : send(response, 404, failure("not_found", "no such document"));
}

async function answer(node, request, response) {
  const url = new URL(request.url, "http://localhost");
  const parts = url.pathname.split("/").slice(1);
  if (request.method === "OPTIONS") return send(response, 204, null);
  if (parts[0] === "development") return control(parts, request, response);
  if (parts[0] !== "api") return serveFile(url.pathname, response);
  const body = request.method === "GET" ? null : await readBody(request);
  if (parts[1] === "cluster" && parts.length === 2) {
    const members = nodes.filter(({ server }) => server !== null).map((each) => ({
      id: each.id, url: each.url, state: "active", documents: ownedBy(each).length,
    }));
    return send(response, 200, { cluster: "development", self: node.id, members });
  }
  const isConsoles = parts[1] === "cluster" && (parts[2] === "nodes" || parts.length === 3 || parts[4] === "timeline");
  if (isConsoles) return answerConsole(parts, url, request, response);
  const document = documents.get(parts[1] === "cluster" ? parts[3] : parts[2]);
  if (parts[1] === "documents" && parts.length === 2) {
    if (request.method === "POST") {
      const created = new SharedDocument({ Delta, title: body.title, content: body.content });
      documents.set(created.id, created);
      return send(response, 201, created.json);
    }
    return send(response, 200, { items: [...documents.values()].reverse().map(({ json }) => json), next: null });
  }
  if (!document) return send(response, 404, failure("not_found", "There is no such document."));
  if (parts[1] === "cluster") {
    const { id, url: ownerURL } = owner(document);
    return send(response, 200, {
      document: document.id, owner: { node: id, url: ownerURL }, epoch: document.epoch,
      version: document.server.version, servedBy: node.id,
    });
  }
  if (parts[3] === "content") {
    const { version, content } = document.server;
    return send(response, 200, { version, content: content.ops, digest: documentDigest(content.ops) });
  }
  if (request.method === "PATCH") document.title = body.title;
  return send(response, 200, document.json);
}

function control(parts, request, response) {
  const node = nodes.find(({ id }) => id === parts[2]);
  if (!node || request.method !== "POST") return send(response, 404, failure("not_found", "no such node"));
  if (parts[3] === "kill") kill(node);
  else start(node);
  return send(response, 200, {});
}

async function serveFile(path, response) {
  const isPage = path === "/" || /^\/d\/[^/]+$/u.test(path);
  const name = isPage ? "index.html" : path === "/console" ? "console/index.html" : path.match(/^\/web\/((?:[\w-]+\/)*[\w.-]+\.(?:js|css|svg|html))$/u)?.[1];
  const data = name ? await readFile(fileURLToPath(new URL(name, web))).catch(() => null) : null;
  if (data === null) return send(response, 404, failure("not_found", "no such file"));
  response.writeHead(200, { "Content-Type": types[name.split(".").at(-1)], "Cache-Control": "no-cache" });
  return response.end(data);
}

async function readBody(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text === "" ? {} : JSON.parse(text);
}

function failure(code, message) {
  return { error: { code, message } };
}

function send(response, status, value) {
  response.writeHead(status, {
    "Content-Type": "application/json", "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, PATCH, DELETE, PUT", "Access-Control-Allow-Headers": "Authorization, Content-Type",
  });
  response.end(value === null ? undefined : JSON.stringify(value));
}

for (const node of nodes) start(node);
console.log(nodes.map(({ id, url }) => `${id} ${url}`).join("\n"));
