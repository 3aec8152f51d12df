import { CollabClient } from "../client/collab-client.js";
import { DraftStore } from "../client/draft-store.js";
import { API, APIError } from "./api.js";
import { ClusterPanel } from "./cluster-panel.js";
import { distinctColors } from "./distinct-colors.js";
import { EditorBinding, registerUnknownEmbeds } from "./editor-binding.js";
import { EditorView } from "./editor-view.js";
import { failureWords } from "./failure-words.js";
import { addressWithIdentity } from "./hand-over.js";
import { refusalWords } from "./refusal-words.js";
import { RemoteCursors } from "./remote-cursors.js";
import { stopMessages } from "./stop-messages.js";
import { showStopPage } from "./stop-page.js";
import { openStorage } from "./storage.js";
import { TabClient } from "./tab-client.js";

const stopCodes = { 401: 4401, 403: 4403, 404: 4404, 410: 4410 };

/**
 * Opens the page of one document: puts its parts together and ties them to a client. `wantedNode` is the node
 * that the address asks for, and `asked` the member that it is; null for none.
 */
export async function openEditor(root, documentId, identity, { wantedNode = null, node: asked = null } = {}) {
  const { Quill } = globalThis;
  const home = location.origin;
  const node = asked ?? home;
  const drafts = new DraftStore({ storage: openStorage("localStorage"), documentId });
  const tab = new TabClient({ documentId, drafts });
  const { clientId, draft } = await tab.claim();

  const client = new CollabClient({
    Delta: Quill.import("delta"), documentId, identity, clientId, draft, nodes: [...new Set([node, home])],
  });
  const view = new EditorView(root, { identity, Quill, largestBytes: () => client.largestOperationBytes });
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
    const own = client.ownColor ? [{ clientId: client.clientId, color: client.ownColor }] : [];
    const colors = distinctColors([...own, ...client.others]);
    const others = client.others.map((other) => ({ ...other, color: colors.get(other.clientId) }));
    view.showPeople(me.name, others);
    cursors.show(others);
  };
  let knownTitle = "";
  const loadTitle = () => new API(client.node, me).readDocument(documentId).then(({ title }) => {
    knownTitle = title;
    view.showTitle(title);
  }, stopIfFinal);
  /** A node that answers with a status like these has no session for this page. */
  const stopIfFinal = (error) => {
    const code = stopCodes[error?.status];
    if (code && !client.isConnected) client.stop(code);
  };

  let shownRefusal = null;
  const showRefusal = () => {
    const words = client.refusal && refusalWords(client.refusal);
    if (shownRefusal === (words?.text ?? null)) return;
    shownRefusal = words?.text ?? null;
    if (words === null) return view.notices.clearBar();
    return view.notices.bar("error", words.text, [
      ["Try again", () => {
        client.retry();
        if (client.refusal?.held) view.notices.brief("It is still too large.");
      }],
      ["Copy all text", () => view.copyText()],
      [words.discard, () => {
        if (confirm(`${words.discard}? This cannot be undone.`)) client.discardUnsaved();
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
  client.addEventListener("failed", () => {
    // A refused upgrade does not say why; the document's own address does.
    new API(client.node, me).readDocument(documentId).then(() => {}, stopIfFinal);
  });
  client.addEventListener("stopped", ({ detail }) => {
    drafts.write(client);
    const message = stopMessages(detail.code);
    if (!client.hasContent) {
      client.close();
      cluster.close();
      return showStopPage(root, message);
    }
    const actions = message.mayReturn
      ? [["Reconnect here", () => { view.notices.clearBar(); client.start(); }]] : [];
    if (client.hasUnsaved) actions.push(["Copy all text", () => view.copyText()]);
    const kept = client.hasUnsaved ? " Your unsaved edits are kept in this browser." : "";
    return view.notices.bar("error", `${message.note ?? message.text}${kept}`, [
      ...actions, ["All documents", () => { location.href = "/"; }],
    ]);
  });
  cluster.addEventListener("nodes", ({ detail }) => client.learnNodes(detail));
  cluster.addEventListener("move", ({ detail }) => client.moveTo(detail));

  view.addEventListener("rename", async ({ detail }) => {
    try {
      await rename(detail);
      knownTitle = detail;
    } catch (error) {
      view.notices.brief(`The title could not be changed: ${failureWords(error)}`);
      view.showTitle(knownTitle);
    }
  });
  /** By the node that the page is from, which lets its own page write in any case; else by the one in use. */
  const rename = (title) => new API(home, me).renameDocument(documentId, title).catch((error) => {
    if (error instanceof APIError || client.node === home) throw error;
    return new API(client.node, me).renameDocument(documentId, title);
  });
  view.addEventListener("identify", ({ detail }) => {
    me = detail;
    cluster.identify(me);
    client.identify(me);
    showPeople();
  });
  view.addEventListener("open-elsewhere", () => {
    const { others } = cluster;
    if (others.length === 0) return view.notices.brief("There is no other node to open this document on.");
    const next = others[Math.floor(Math.random() * others.length)];
    return window.open(addressWithIdentity(new URL(`/d/${encodeURIComponent(documentId)}`, next.url), me), "_blank");
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
  if (wantedNode && asked === null) {
    view.notices.brief(`This window stays on ${new URL(home).host}: the address names a node that is not in this cluster.`);
  }
  // For the browser console and the end-to-end tests.
  globalThis.collab = { client, quill: view.quill };
}
