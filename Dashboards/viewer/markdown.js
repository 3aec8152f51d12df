// As much of Markdown as runbooks and text panels use, made of nodes so that nothing in it can be run.

/** The nodes of a text. */
export function markdown(text) {
  const fragment = document.createDocumentFragment();
  for (const block of text.trim().split(/\n{2,}|\n(?=#)|(?<=^#[^\n]*)\n/m)) fragment.append(...blockNodes(block.trim()));
  return fragment;
}

function blockNodes(block) {
  if (block.startsWith("```")) return [element("pre", [block.replace(/^```\w*\n?|\n?```$/g, "")])];
  const heading = /^(#{1,3}) (.*)$/.exec(block);
  if (heading) return [element(`h${heading[1].length}`, inline(heading[2]))];
  const lines = block.split("\n");
  if (lines.every((line) => /^(- |\d+\. |  )/.test(line))) {
    const items = block.split(/\n(?=- |\d+\. )/).map((item) => element("li", inline(item.replace(/^(- |\d+\. )/, ""))));
    return [element(/^\d/.test(block) ? "ol" : "ul", items)];
  }
  return block ? [element("p", inline(block))] : [];
}

function inline(text) {
  return text.split(/(\*\*[^*]+\*\*|`[^`]+`|\[[^\]]+\]\([^)\s]+\))/).filter(Boolean).map((part) => {
    if (part.startsWith("**")) return element("strong", [part.slice(2, -2)]);
    if (part.startsWith("`")) return element("code", [part.slice(1, -1)]);
    const link = /^\[([^\]]+)\]\((\w+\.md|https?:[^)]*)\)$/.exec(part);
    if (!link) return document.createTextNode(part);
    const anchor = element("a", [link[1]]);
    // Runbooks name each other by file.
    anchor.href = link[2].endsWith(".md") ? `#/runbooks/${link[2].slice(0, -3)}` : link[2];
    return anchor;
  });
}

function element(name, children) {
  const made = document.createElement(name);
  made.append(...children);
  return made;
}
