// Words of explanation.

import { markdown } from "../markdown.js";

export class Text {
  constructor(panel, body) {
    body.classList.add("words");
    body.append(markdown(panel.options.content));
  }

  async update() { return true; }
  leave() {}
}
