import { element } from "./element.js";

const shortMilliseconds = 6000;

/** Messages to the user: a bar that stays until it is resolved, and short ones that go by themselves. */
export class Notices {
  node = element("div.notices", { "aria-live": "polite" });
  #bar = null;

  /** Shows the one bar; `actions` are `[label, function]`. */
  bar(kind, text, actions = []) {
    this.clearBar();
    this.#bar = element(`div.notice.${kind}`, { role: kind === "error" ? "alert" : null }, element("p", {}, text),
      ...actions.map(([label, act]) => element("button.quiet", { type: "button", click: act }, label)));
    this.node.prepend(this.#bar);
  }

  clearBar() {
    this.#bar?.remove();
    this.#bar = null;
  }

  brief(text) {
    const notice = element("div.notice.brief", {}, element("p", {}, text));
    this.node.append(notice);
    setTimeout(() => notice.remove(), shortMilliseconds);
  }
}
