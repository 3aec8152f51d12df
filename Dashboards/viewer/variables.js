// The choices above a dashboard: cluster, region, node, document.

import { resolved } from "./prometheus.js";

const question = /^label_values\((.+),\s*(\w+)\)$/s;

export class Variables {
  #prometheus;
  #definitions;
  #onChange;

  constructor(place, prometheus, definitions, chosen, onChange) {
    this.#prometheus = prometheus;
    this.#definitions = definitions.filter((one) => one.type === "query");
    this.#onChange = onChange;
    this.values = Object.fromEntries(this.#definitions.map(({ name }) => [name, chosen[name] ?? null]));
    place.replaceChildren(...this.#definitions.map((one) => this.#control(one)));
    this.#place = place;
  }

  #place;

  /** Asks Prometheus for what can be chosen. */
  async refresh() {
    for (const { name, query } of this.#definitions) {
      const [, selector, label] = question.exec(query.query);
      const expr = resolved(selector, { variables: this.values, range: 900, step: 15 });
      const found = await this.#prometheus.labelValues(expr, label);
      this.#offer(name, found.sort(new Intl.Collator("en", { numeric: true }).compare));
    }
  }

  #control({ name, label }) {
    const control = document.createElement("label");
    const select = document.createElement("select");
    select.name = name;
    select.append(new Option("All", ""));
    select.addEventListener("change", () => {
      this.values[name] = select.value || null;
      this.#onChange();
    });
    control.append(label, select);
    return control;
  }

  #offer(name, found) {
    const select = this.#place.querySelector(`select[name=${name}]`);
    const value = this.values[name];
    const offered = value && !found.includes(value) ? [...found, value] : found;
    const fresh = ["", ...offered].join("\n");
    if (select.dataset.offered === fresh) return;
    select.dataset.offered = fresh;
    select.replaceChildren(new Option("All", ""), ...offered.map((one) => new Option(one, one)));
    select.value = value ?? "";
  }
}
