import { element } from "./element.js";
import { longestName, writeIdentity } from "./identity.js";
import { mark } from "./mark.js";
import { Notices } from "./notices.js";
import { People } from "./people.js";
import { pictureModules } from "./picture-limit.js";
import { StatusPill } from "./status-pill.js";

const toolbar = [
  [{ header: [1, 2, 3, false] }],
  ["bold", "italic", "underline", "strike"],
  [{ color: [] }, { background: [] }],
  [{ list: "ordered" }, { list: "bullet" }, { list: "check" }],
  [{ align: [] }],
  ["blockquote", "code-block", "link"],
  ["clean"],
];

/**
 * What can be seen of the editor page. Emits `rename` (`detail`: the title), `identify` (`{user, name}`) and
 * `open-elsewhere`.
 */
export class EditorView extends EventTarget {
  quill;
  notices = new Notices();

  #pill = new StatusPill();
  #people = new People();
  #title;
  #tools;
  #identity;

  /** `largestBytes()`: how large an edit may be. */
  constructor(root, { identity, Quill, largestBytes }) {
    super();
    this.#identity = identity;
    this.#title = element("input.title", {
      type: "text", "aria-label": "Title", maxlength: 200, placeholder: "Untitled", spellcheck: "false",
      change: () => this.#renamed(),
      keydown: (event) => {
        if (event.key !== "Enter" || event.isComposing) return;
        // The key must not reach the editor, which has the focus before it is up.
        event.preventDefault();
        this.quill.focus();
      },
    });
    this.#tools = element("div.bar-end", {}, this.#people.node, this.#nameField(),
      element("button.primary.elsewhere", {
        type: "button", title: "Open this document in a new window on another node",
        click: () => this.dispatchEvent(new CustomEvent("open-elsewhere")),
      }, "Open on another node"));
    const sheet = element("div.sheet");
    root.replaceChildren(
      element("header.bar", {},
        element("a.home", { href: "/", title: "All documents", "aria-label": "All documents" }, mark()),
        this.#title, this.#pill.node, this.#tools),
      this.notices.node,
      element("main.desk", {}, sheet));
    this.quill = new Quill(sheet, {
      theme: "snow",
      placeholder: "Write something…",
      modules: {
        toolbar,
        history: { userOnly: true, delay: 700, maxStack: 300 },
        ...pictureModules(Quill, { largestBytes, refuse: (text) => this.notices.brief(text) }),
      },
    });
    this.quill.root.setAttribute("aria-label", "Document");
    this.quill.root.setAttribute("role", "textbox");
    this.quill.root.setAttribute("aria-multiline", "true");
    this.#describeToolbar(root);
  }

  /** Puts the cluster panel into the bar. */
  place(node) {
    this.#tools.prepend(node);
  }

  showTitle(title) {
    document.title = `${title || "Untitled"} · collab`;
    if (document.activeElement !== this.#title) this.#title.value = title;
  }

  showPeople(me, others) {
    this.#people.show(me, others);
  }

  showStatus(client) {
    const isReadOnly = !client.mayEdit;
    this.#pill.show(client.status, { hasUnsaved: client.hasUnsaved, isReadOnly });
    this.#title.disabled = isReadOnly;
    document.body.classList.toggle("read-only", isReadOnly);
    document.body.classList.toggle("opening", !client.hasContent);
  }

  async copyText() {
    const text = this.quill.getText();
    try {
      await navigator.clipboard.writeText(text);
      this.notices.brief("The text is in the clipboard.");
    } catch {
      this.quill.setSelection(0, this.quill.getLength());
      this.notices.brief("The text is selected: copy it with your keyboard.");
    }
  }

  #renamed() {
    const title = this.#title.value.trim() || "Untitled";
    this.showTitle(title);
    this.dispatchEvent(new CustomEvent("rename", { detail: title }));
  }

  #nameField() {
    const field = element("input.who", {
      type: "text", "aria-label": "Your name", title: "Your name, as others see it", maxlength: longestName,
      value: this.#identity.name, spellcheck: "false", autocomplete: "off",
      change: () => {
        field.value = field.value.trim() || this.#identity.name;
        if (field.value === this.#identity.name) return;
        this.#identity = { ...this.#identity, name: field.value };
        writeIdentity(this.#identity);
        this.dispatchEvent(new CustomEvent("identify", { detail: this.#identity }));
      },
      keydown: (event) => { if (event.key === "Enter") field.blur(); },
    });
    return field;
  }

  /** Quill's buttons are icons; what they do is said to everybody. */
  #describeToolbar(root) {
    for (const control of root.querySelectorAll(".ql-toolbar button, .ql-toolbar .ql-picker-label")) {
      const owner = control.closest("button, .ql-picker");
      const isKind = (name) => /^ql-(?!picker|icon|color-picker|expanded)/u.test(name);
      const kind = [...owner.classList].find(isKind)?.slice(3);
      if (!kind) continue;
      const name = [owner.value, kind].filter(Boolean).join(" ").replace("code-block", "code block");
      control.setAttribute("aria-label", name);
      control.title = name[0].toUpperCase() + name.slice(1);
    }
  }
}
