/** `localStorage` or `sessionStorage`; one that forgets with the page where the browser allows none. */
export function openStorage(kind) {
  try {
    const storage = globalThis[kind];
    storage.getItem("collab");
    return storage;
  } catch {
    const items = new Map();
    return {
      get length() { return items.size; },
      key: (index) => [...items.keys()][index] ?? null,
      getItem: (key) => items.get(key) ?? null,
      setItem: (key, value) => { items.set(key, value); },
      removeItem: (key) => { items.delete(key); },
    };
  }
}
