import { element } from "./element.js";
import { mark } from "./mark.js";

/** The page in place of a document that cannot be shown: says why, and leads back to the list. */
export function showStopPage(root, { title, text, mayReturn = false }) {
  document.title = `${title} · collab`;
  root.replaceChildren(
    element("header.bar", {}, element("a.home", { href: "/", "aria-label": "All documents" }, mark()),
      element("span.brand", {}, "collab")),
    element("main.stop", {}, element("h1", {}, title), element("p.lead", {}, text),
      element("div.stop-actions", {}, element("a.primary", { href: "/" }, "All documents"),
        mayReturn ? element("button.quiet", { type: "button", click: () => location.reload() }, "Try again") : null)));
}
