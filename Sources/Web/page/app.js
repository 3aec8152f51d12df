import { openDocuments } from "./documents-page.js";
import { openEditor } from "./editor-page.js";
import { readIdentity } from "./identity.js";

const root = document.getElementById("app");
const [, documentId] = location.pathname.match(/^\/d\/([^/]+)\/?$/u) ?? [];
const identity = readIdentity();

if (documentId) openEditor(root, decodeURIComponent(documentId), identity);
else openDocuments(root, identity);
