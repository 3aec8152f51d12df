/**
 * Makes a container's children those of `items`, in their order. Elements stay the same for the same key, so that the
 * focus and the scroll position stay too: `make(item)` makes one, `update(element, item)` fills it.
 */
export function keyedChildren(container, items, { key, make, update }) {
  const known = new Map([...container.children].map((child) => [child.dataset.key, child]));
  const focused = container.contains(document.activeElement) ? document.activeElement : null;
  let place = container.firstElementChild;
  for (const item of items) {
    const name = key(item);
    let child = known.get(name);
    known.delete(name);
    if (!child) {
      child = make(item);
      child.dataset.key = name;
    }
    update(child, item);
    if (child === place) place = place.nextElementSibling;
    else container.insertBefore(child, place);
  }
  for (const child of known.values()) child.remove();
  // An element that is moved loses the focus.
  if (focused?.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
}

/** Sets an element's text, unless it is that already. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
