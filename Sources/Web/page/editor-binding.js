/**
 * Ties a Quill editor to a `CollabClient`: the user's edits go one way, everybody else's the other. The editor takes edits
 * only while there is a document that they can go into.
 */
export class EditorBinding {
  #quill;
  #client;
  #applying = false;

  constructor(quill, client) {
    this.#quill = quill;
    this.#client = client;
    quill.on("text-change", (delta) => {
      if (!this.#applying) client.edit(delta, this.#selection());
    });
    quill.on("selection-change", (range) => {
      if (range && !this.#applying) client.select({ index: range.index, length: range.length });
    });
    client.addEventListener("reset", ({ detail }) => this.#reset(detail));
    client.addEventListener("change", ({ detail }) => this.#apply(detail.delta));
    client.addEventListener("status", () => this.#permit());
    // A remote edit in the middle of a composition would break the input method's text.
    quill.root.addEventListener("compositionstart", () => client.hold());
    quill.root.addEventListener("compositionend", () => setTimeout(() => client.release()));
    this.#permit();
  }

  /** Who has edits that are not saved may go on also without the right to edit: to copy them, or to discard. */
  #permit() {
    const { hasContent, mayEdit, hasUnsaved, status } = this.#client;
    const mayType = hasContent && (mayEdit || hasUnsaved) && status !== "stopped";
    if (this.#quill.isEnabled() !== mayType) this.#quill.enable(mayType);
  }

  #reset(content) {
    const range = this.#selection();
    this.#quietly(() => this.#quill.setContents(content, "api"));
    this.#quill.history.clear();
    if (range && this.#quill.hasFocus()) {
      const index = Math.min(range.index, this.#quill.getLength() - 1);
      this.#quill.setSelection(index, 0, "silent");
    }
  }

  #apply(delta) {
    this.#quietly(() => this.#quill.updateContents(delta, "api"));
    // Quill always shows a last line end. If it shows another document for any other reason, it is given ours.
    const beyond = this.#quill.getLength() - this.#client.localLength;
    if (beyond !== 0 && !(beyond === 1 && !endsWithLine(this.#client.localContent))) {
      this.#reset(this.#client.localContent);
    }
  }

  #quietly(change) {
    this.#applying = true;
    try {
      change();
    } finally {
      this.#applying = false;
    }
  }

  /** The selection as it is now, read without making Quill look for changes. */
  #selection() {
    const [range] = this.#quill.selection.getRange();
    return range ? { index: range.index, length: range.length } : null;
  }
}

function endsWithLine(content) {
  const last = content.ops.at(-1)?.insert;
  return typeof last === "string" && last.endsWith("\n");
}

/**
 * Makes Quill show embeds of kinds that it does not know as a neutral box, instead of failing on them: other
 * clients may put any object into a document, and it must go through here unharmed.
 */
export function registerUnknownEmbeds(Quill, ops) {
  const Embed = Quill.import("blots/embed");
  for (const { insert } of ops) {
    if (typeof insert !== "object" || insert === null) continue;
    const [kind] = Object.keys(insert);
    if (kind === undefined || Quill.imports[`formats/${kind}`]) continue;
    class UnknownEmbed extends Embed {
      static blotName = kind;
      static tagName = "span";
      static className = `unknown-embed-${kind.replace(/[^a-z0-9]/giu, "-")}`;
      static create(value) {
        const node = super.create(value);
        node.classList.add("unknown-embed");
        node.dataset.kind = kind;
        node.dataset.value = JSON.stringify(value);
        return node;
      }
      static value(node) {
        return JSON.parse(node.dataset.value);
      }
    }
    Quill.register(`formats/${kind}`, UnknownEmbed);
  }
}
