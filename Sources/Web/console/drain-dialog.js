import { element } from "../page/element.js";
import { failureWords } from "../page/failure-words.js";
import { count } from "./formats.js";

/** Asks before a node is drained or taken back, does it, and says so when it fails. `act(node, kind)` does it. */
export class DrainDialog {
  node = element("dialog.confirm", { "aria-labelledby": "confirm-title" });
  #act;

  constructor({ act }) {
    this.#act = act;
  }

  /** `kind` is "drain" or "undrain"; `others`: how many other nodes are active. */
  ask(node, kind, others) {
    const [title, text, verb] = drainWords(node, kind, others);
    const failure = element("p.failure", { role: "alert", hidden: true });
    const confirm = element(`button.primary${kind === "drain" ? ".danger" : ""}`, { type: "button" }, verb);
    confirm.addEventListener("click", async () => {
      confirm.disabled = true;
      failure.hidden = true;
      try {
        await this.#act(node, kind);
        this.node.close();
      } catch (error) {
        failure.textContent = `${node.id} was not asked: ${error?.status === 404 ? "it is no member any more." : failureWords(error)}`;
        failure.hidden = false;
        confirm.disabled = false;
      }
    });
    this.node.replaceChildren(element("h2", { id: "confirm-title" }, title), element("p", {}, text), failure,
      element("div.dialog-actions", {},
        element("button.quiet", { type: "button", autofocus: true, click: () => this.node.close() }, "Cancel"), confirm));
    if (!this.node.open) this.node.showModal();
  }
}

/** `[title, text, verb]`. */
export function drainWords(node, kind, others) {
  if (kind === "undrain") return [`Take ${node.id} back?`, `${node.id} is given documents again.`, "Undrain"];
  const documents = node.documents === 1 ? "its document" : `its ${count(node.documents)} documents`;
  const sessions = node.sessions === 0 ? "" : ` Its ${count(node.sessions)} ${node.sessions === 1 ? "session stays" : "sessions stay"} connected.`;
  const warning = others === 0 ? " No other node is active: the documents have nowhere to go and stay where they are." : "";
  return [`Drain ${node.id}?`, `${node.id} hands ${documents} over to the other nodes and is given no new ones.${sessions}`
    + ` The process goes on; you can take the node back.${warning}`, "Drain"];
}
