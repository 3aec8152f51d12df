/** The program's mark: two carets that meet in one document. */
export function mark() {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "mark");
  svg.setAttribute("aria-hidden", "true");
  for (const [kind, path] of [["a", "M4 7h9M4 12h6M4 17h8"], ["b", "M16 5v14M14 5h4M14 19h4"]]) {
    const line = document.createElementNS(space, "path");
    line.setAttribute("d", path);
    line.setAttribute("class", kind);
    svg.append(line);
  }
  return svg;
}
