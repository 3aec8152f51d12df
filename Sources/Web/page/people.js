import { safeColor } from "./distinct-colors.js";
import { element } from "./element.js";
import { initials } from "./identity.js";

const shownAvatars = 5;

/** Who is here: one avatar per client, the user's own first. */
export class People {
  node = element("ul.people", { "aria-label": "People in this document" });

  show(me, others) {
    const shown = others.slice(0, shownAvatars);
    const rest = others.length - shown.length;
    this.node.replaceChildren(
      avatar(initials(me), `${me} (you)`, null),
      ...shown.map(({ name, color }) => avatar(initials(name), name || "Someone", safeColor(color))),
      ...(rest > 0 ? [avatar(`+${rest}`, `${rest} more`, null)] : []),
    );
  }
}

function avatar(text, title, color) {
  const label = element("span", { "aria-hidden": "true" }, text);
  const node = element("li.avatar", { title }, label, element("span.unseen", {}, title));
  if (color) node.style.setProperty("--remote", color);
  else node.classList.add("own");
  return node;
}
