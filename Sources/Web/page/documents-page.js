import { API } from "./api.js";
import { element } from "./element.js";
import { failureWords } from "./failure-words.js";
import { longestName, writeIdentity } from "./identity.js";
import { mark } from "./mark.js";
import { Notices } from "./notices.js";

/** The first page: what documents there are, and a new one. */
export function openDocuments(root, initialIdentity) {
  let identity = initialIdentity;
  const notices = new Notices();
  const list = element("ul.documents", { "aria-busy": "true" });
  const more = element("button.quiet.more", { type: "button", hidden: true, click: () => load(next) }, "Show more");
  let next = null;

  const title = element("input", {
    type: "text", id: "new-title", placeholder: "Title of a new document", "aria-label": "Title of a new document",
    maxlength: 200, autocomplete: "off",
  });
  const create = element("button.primary", { type: "submit" }, "Create document");
  const form = element("form.create", {
    submit: async (event) => {
      event.preventDefault();
      create.disabled = true;
      try {
        const { id } = await new API(location.origin, identity).createDocument(title.value.trim() || "Untitled");
        location.href = `/d/${encodeURIComponent(id)}`;
      } catch (error) {
        notices.bar("error", `The document could not be created: ${failureWords(error)}`);
        create.disabled = false;
      }
    },
  }, title, create);
  const who = element("input.who", {
    type: "text", id: "who", value: identity.name, maxlength: longestName, spellcheck: "false", autocomplete: "off",
    change: () => {
      who.value = who.value.trim() || identity.name;
      identity = { ...identity, name: who.value };
      writeIdentity(identity);
    },
  });

  async function load(cursor) {
    try {
      const page = await new API(location.origin, identity).listDocuments(cursor);
      if (!cursor) list.replaceChildren();
      list.append(...page.items.map(row));
      next = page.next ?? null;
      more.hidden = next === null;
      list.setAttribute("aria-busy", "false");
      if (list.children.length === 0) {
        list.append(element("li.empty", {}, "No documents yet. Create the first one above."));
      }
      notices.clearBar();
    } catch (error) {
      const again = ["Try again", () => load(cursor)];
      notices.bar("error", `The documents could not be listed: ${failureWords(error)}`, [again]);
    }
  }

  root.replaceChildren(
    element("header.bar", {}, element("a.home", { href: "/", "aria-label": "All documents" }, mark()),
      element("span.brand", {}, "collab"),
      element("div.bar-end", {}, element("label.who-label", { for: "who" }, "I am"), who,
        element("span.here", { id: "node", title: "The node that serves this page" }))),
    notices.node,
    element("main.shelf", {}, element("h1", {}, "Documents"),
      element("p.lead", {}, "Everyone edits together. Every edit is durable before anybody else sees it."),
      form, list, more));
  document.title = "Documents · collab";
  load(null);
  new API(location.origin, identity).readCluster().then(({ self, members }) => {
    const nodes = `${members.length} ${members.length === 1 ? "node" : "nodes"}`;
    document.getElementById("node").textContent = `${self} · ${nodes}`;
  }, () => {});
}

function row({ id, title, version, updatedAt }) {
  const time = updatedAt
    ? element("time", { datetime: updatedAt, title: new Date(updatedAt).toLocaleString() }, ago(updatedAt))
    : null;
  return element("li", {}, element("a.document", { href: `/d/${encodeURIComponent(id)}` },
    element("span.document-title", {}, title || "Untitled"),
    element("span.document-facts", {}, time, element("span", {}, `version ${version}`))));
}

/** How long ago, in words of the user's language. */
function ago(timestamp) {
  const seconds = (new Date(timestamp) - Date.now()) / 1000;
  if (!Number.isFinite(seconds)) return "";
  if (seconds > -45) return "just now";
  const words = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
  for (const [unit, size] of [["minute", 60], ["hour", 3600], ["day", 86400], ["month", 2629800], ["year", 31557600]]) {
    const limit = { minute: 3600, hour: 86400, day: 2629800, month: 31557600, year: Infinity }[unit];
    if (-seconds < limit) return words.format(Math.round(seconds / size), unit);
  }
  return "";
}
