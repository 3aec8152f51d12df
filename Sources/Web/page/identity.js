import { openStorage } from "./storage.js";

const key = "collab.identity";
const adjectives = ["Amber", "Brisk", "Calm", "Clever", "Gentle", "Keen", "Lively", "Quiet", "Sunny", "Swift"];
const animals = ["Badger", "Falcon", "Finch", "Fox", "Heron", "Lynx", "Marten", "Otter", "Robin", "Wren"];

/** The longest name, in characters, that the page sends. */
export const longestName = 60;

/** `{user, name}`: who this browser is, on a cluster without authentication. Made up at the first visit. */
export function readIdentity() {
  try {
    const stored = JSON.parse(openStorage("localStorage").getItem(key));
    if (stored?.user && stored?.name) return { user: stored.user, name: stored.name };
  } catch {
    // Whatever is stored there is not an identity: a new one takes its place.
  }
  const identity = { user: `guest-${randomHex(6)}`, name: `${pick(adjectives)} ${pick(animals)}` };
  writeIdentity(identity);
  return identity;
}

export function writeIdentity(identity) {
  try {
    openStorage("localStorage").setItem(key, JSON.stringify(identity));
  } catch {
    // The storage is full: the identity lasts as long as the page.
  }
}

/** Up to two initials of a name, for an avatar. */
export function initials(name) {
  const words = (name || "?").trim().split(/\s+/u);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters.map((word) => [...word][0] ?? "").join("").toUpperCase();
}

function pick(items) {
  return items[crypto.getRandomValues(new Uint32Array(1))[0] % items.length];
}

function randomHex(bytes) {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
