import { element } from "./element.js";

/** A status that passes sooner than this is not shown, so that typing does not flicker. */
const settleMilliseconds = 180;

const appearances = {
  loading: ["Opening…", "The document is being opened."],
  unreachable: ["No server answers", "Trying again to reach a node."],
  saved: ["Saved", "Every edit is durable."],
  saving: ["Saving…", "Edits are on their way to the server."],
  offline: ["Offline", "Reconnecting. You can go on editing: nothing is lost."],
  degraded: ["Held", "The server holds your edits and will save them when its storage is back."],
  refused: ["Not saved", "The server did not take your last edits. They are kept here."],
  stopped: ["Disconnected", "This window is no longer connected."],
};

/** The pill that says how safe the user's edits are. */
export class StatusPill {
  node = element("span.pill", { role: "status", "data-status": "loading" }, "Opening…");
  #timer = null;
  #next = "loading";

  show(status, { hasUnsaved, isReadOnly }) {
    this.#next = { status, hasUnsaved, isReadOnly };
    const isCalm = status === "saving" || status === "saved";
    if (!isCalm) this.#draw();
    else this.#timer ??= setTimeout(() => this.#draw(), settleMilliseconds);
  }

  #draw() {
    clearTimeout(this.#timer);
    this.#timer = null;
    const { status, hasUnsaved, isReadOnly } = this.#next;
    let [text, title] = appearances[status];
    if (isReadOnly && status === "saved") [text, title] = ["View only", "You may read this document, not edit it."];
    if (status === "offline" && hasUnsaved) text = "Offline · edits kept";
    if (this.node.textContent !== text) this.node.textContent = text;
    this.node.dataset.status = status;
    this.node.title = title;
  }
}
