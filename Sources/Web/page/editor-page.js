import { CollabClient } from "../client/collab-client.js";
import { DraftStore } from "../client/draft-store.js";
import { API } from "./api.js";
import { ClusterPanel } from "./cluster-panel.js";
import { EditorBinding, registerUnknownEmbeds } from "./editor-binding.js";
import { EditorView } from "./editor-view.js";
import { RemoteCursors } from "./remote-cursors.js";
import { stopMessages } from "./stop-messages.js";
import { openStorage } from "./storage.js";
import { TabClient } from "./tab-client.js";

/** Opens the page of one document: puts its parts together and ties them to a client. */
export async function openEditor(root, documentId, identity) {
  const { Quill } = globalThis;
  const home = location.origin;
  const parameters = new URLSearchParams(location.search);
  const node = validNode(parameters.get("node")) ?? home;
  const drafts = new DraftStore({ storage: openStorage("localStorage"), documentId });
  const tab = new TabClient({ documentId, drafts });
  const { clientId, draft } = await tab.claim();

  const client = new CollabClient({
    Delta: Quill.import("delta"), documentId, identity, clientId, draft, nodes: [...new Set([node, home])],
  });
  const view = new EditorView(root, { identity, Quill });
  const cluster = new ClusterPanel({ documentId, identity, url: node });
  view.place(cluster.node);
  const cursors = new RemoteCursors(view.quill);
  client.addEventListener("reset", ({ detail }) => registerUnknownEmbeds(Quill, detail.ops));
  client.addEventListener("change", ({ detail }) => registerUnknownEmbeds(Quill, detail.delta.ops));
  new EditorBinding(view.quill, client);

  let me = identity;
  let servedBy = null;
  let wasConnected = false;
  const showStatus = () => {
    view.showStatus(client);
    if (client.isConnected) tab.remember(client.clientId);
    if (client.isConnected && (!wasConnected || servedBy !== client.node)) {
      servedBy = client.node;
      cluster.moved(servedBy);
      loadTitle();
    }
    wasConnected = client.isConnected;
    showRefusal();
  };
  const showPeople = () => {
    view.showPeople(me.name, client.others);
    cursors.show(client.others);
  };
  const loadTitle = () => new API(client.node, me).readDocument(documentId).then(
    ({ title }) => view.showTitle(title), () => {});

  let shownRefusal = null;
  const showRefusal = () => {
    if (client.refusal === shownRefusal) return;
    shownRefusal = client.refusal;
    if (shownRefusal === null) return view.notices.clearBar();
    const reason = shownRefusal.code === "too_large" ? "the document would be too large"
      : shownRefusal.code === "forbidden" ? "you may not edit this document"
      : shownRefusal.message || shownRefusal.code;
    return view.notices.bar("error", `Your last edits could not be saved: ${reason}. They are kept in this window.`, [
      ["Try again", () => client.retry()],
      ["Copy all text", () => view.copyText()],
      ["Discard my unsaved edits", () => {
        if (confirm("Discard the edits that were not saved? This cannot be undone.")) client.discardUnsaved();
      }],
    ]);
  };

  client.addEventListener("status", showStatus);
  client.addEventListener("presence", showPeople);
  client.addEventListener("unsaved", () => {
    drafts.note(client);
    showStatus();
  });
  client.addEventListener("problem", ({ detail }) => {
    if (client.refusal === null) view.notices.brief(detail.message || `The server reports: ${detail.code}`);
  });
  client.addEventListener("failed", async () => {
    // A refused upgrade does not say why; the document's own address does.
    const error = await new API(client.node, me).readDocument(documentId).then(() => null, (reason) => reason);
    const code = { 401: 4401, 403: 4403, 404: 4404, 410: 4410 }[error?.status];
    if (code && !client.isConnected) client.stop(code);
  });
  client.addEventListener("stopped", ({ detail }) => {
    drafts.write(client);
    const { text, mayReturn } = stopMessages(detail.code);
    const actions = mayReturn ? [["Reconnect here", () => { view.notices.clearBar(); client.start(); }]] : [];
    if (client.hasUnsaved) actions.push(["Copy all text", () => view.copyText()]);
    view.notices.bar("error", text + (client.hasUnsaved ? " Your unsaved edits are kept in this browser." : ""), [
      ...actions, ["All documents", () => { location.href = "/"; }],
    ]);
  });
  cluster.addEventListener("nodes", ({ detail }) => client.learnNodes(detail));
  cluster.addEventListener("move", ({ detail }) => client.moveTo(detail));

  view.addEventListener("rename", async ({ detail }) => {
    try {
      await new API(client.node, me).renameDocument(documentId, detail);
    } catch (error) {
      view.notices.brief(`The title could not be changed: ${error.message}`);
      loadTitle();
    }
  });
  view.addEventListener("identify", ({ detail }) => {
    me = detail;
    cluster.identify(me);
    client.identify(me);
    showPeople();
  });
  view.addEventListener("open-elsewhere", () => {
    const others = cluster.others;
    if (others.length === 0) return view.notices.brief("There is no other node to open this document on.");
    const next = others[Math.floor(Math.random() * others.length)];
    return window.open(new URL(`/d/${encodeURIComponent(documentId)}`, next.url), "_blank");
  });

  window.addEventListener("online", () => client.hurry());
  window.addEventListener("pagehide", () => drafts.write(client));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") drafts.write(client);
    else client.hurry();
  });
  window.addEventListener("beforeunload", (event) => {
    drafts.write(client);
    if (drafts.isFull) event.preventDefault();
  });

  client.start();
  showPeople();
  showStatus();
  loadTitle();
  cluster.refresh();
  // For the browser console and the end-to-end tests.
  globalThis.collab = { client, quill: view.quill };
}

function validNode(text) {
  if (!text) return null;
  try {
    const url = new URL(text);
    return url.protocol === "http:" || url.protocol === "https:" ? url.origin : null;
  } catch {
    return null;
  }
}
