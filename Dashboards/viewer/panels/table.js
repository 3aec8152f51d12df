// Newest values of several questions, joined by their labels (Grafana's transformations merge and organize).

import { formatted } from "../format.js";

export class Table {
  #panel;
  #table = document.createElement("table");

  constructor(panel, body) {
    this.#panel = panel;
    body.classList.add("scrolls");
    body.append(this.#table);
  }

  async update(ask) {
    const answers = await Promise.all(this.#panel.targets.map(({ expr }) => ask.now(expr)));
    const rows = merged(this.#panel.targets, answers);
    const { indexByName, renameByName, excludeByName } = this.#panel.transformations
      .find(({ id }) => id === "organize").options;
    const columns = Object.keys(indexByName).filter((name) => !excludeByName[name])
      .sort((one, other) => indexByName[one] - indexByName[other]);
    const shown = columns.filter((name) => name.startsWith("Value") || rows.some((row) => row[name]));
    const sortName = this.#panel.options.sortBy?.[0].displayName;
    const sortColumn = columns.find((name) => renameByName[name] === sortName);
    if (sortColumn) rows.sort((one, other) => (other[sortColumn] ?? 0) - (one[sortColumn] ?? 0));
    const heading = row("th", shown.map((name) => [renameByName[name] ?? name, name.startsWith("Value")]));
    this.#table.replaceChildren(heading, ...rows.slice(0, 100).map((one) => row("td", shown.map((name) =>
      name.startsWith("Value") ? [formatted(one[name], this.#unit(renameByName[name])), true] : [one[name] ?? "", false]))));
    return rows.length > 0;
  }

  leave() {}

  #unit(heading) {
    const override = this.#panel.fieldConfig.overrides.find(({ matcher }) => matcher.options === heading);
    return override?.properties.find(({ id }) => id === "unit")?.value;
  }
}

function merged(targets, answers) {
  const rows = new Map();
  answers.forEach((lines, index) => {
    const column = targets.length > 1 ? `Value #${targets[index].refId}` : "Value";
    for (const { metric, value } of lines) {
      const key = JSON.stringify(Object.entries(metric).sort());
      if (!rows.has(key)) rows.set(key, { ...metric });
      rows.get(key)[column] = Number(value[1]);
    }
  });
  return [...rows.values()];
}

function row(cell, texts) {
  const made = document.createElement("tr");
  for (const [text, isNumber] of texts) {
    const one = document.createElement(cell);
    one.textContent = text;
    one.classList.toggle("number", isNumber);
    made.append(one);
  }
  return made;
}
