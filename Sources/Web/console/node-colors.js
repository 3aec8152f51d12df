const colors = 8;

/** Gives each node a colour of the style sheet, by the order in which the page met them. */
export class NodeColors {
  #order = [];

  meet(ids) {
    for (const id of ids) if (!this.#order.includes(id)) this.#order.push(id);
  }

  /** The CSS value. */
  of(id) {
    const index = this.#order.indexOf(id);
    return index < 0 ? "var(--soft)" : `var(--node-${index % colors})`;
  }
}
