import { API } from "./api.js";
import { openDocuments } from "./documents-page.js";
import { openEditor } from "./editor-page.js";
import { identityIn, mayHandOver } from "./hand-over.js";
import { readIdentity, writeIdentity } from "./identity.js";
import { memberAt } from "./member-list.js";
import { showStopPage } from "./stop-page.js";
import { stopMessages } from "./stop-messages.js";

const root = document.getElementById("app");
const wantedNode = new URLSearchParams(location.search).get("node");
const handedOver = identityIn(location.hash);
// Whoever copies the address does not hand his name on with it.
if (handedOver) history.replaceState(null, "", location.pathname + location.search);

let identity = readIdentity();
const members = wantedNode || handedOver ? await readMembers() : [];
if (handedOver && mayHandOver(document.referrer, members)) {
  identity = handedOver;
  writeIdentity(identity);
}

const [, encodedId] = location.pathname.match(/^\/d\/([^/]+)\/?$/u) ?? [];
const documentId = encodedId === undefined ? undefined : decoded(encodedId);
if (documentId === undefined) openDocuments(root, identity);
else if (documentId === null) showStopPage(root, stopMessages(4404));
else openEditor(root, documentId, identity, { wantedNode, node: memberAt(wantedNode, members) });

/** The members as this page's own node tells them; none if it does not. */
function readMembers() {
  return new API(location.origin, identity).readCluster().then((cluster) => cluster.members, () => []);
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
