/** So many members that are gone are remembered. */
const rememberedDead = 8;

/**
 * The members of the cluster as this page has seen them: those that `GET /api/cluster` lists, `"active"` or
 * `"draining"`, and those that it has listed before and does not any more. Of these one that was active has
 * died, and is `"dead"` here; one that was draining has left, and is gone.
 */
export class MemberList {
  /** `{id, url, state}`, to operators also `documents`, in the order of their ids. */
  members = [];

  /** Takes the `members` of an answer. */
  take(listed) {
    const listedIds = new Set(listed.map(({ id }) => id));
    const listedURLs = new Set(listed.map(({ url }) => httpOrigin(url)));
    const dead = this.members
      .filter(({ id, url, state }) => state !== "draining" && !listedIds.has(id) && !listedURLs.has(httpOrigin(url)))
      .map((member) => ({ ...member, state: "dead" }));
    this.members = [...listed, ...dead.slice(-rememberedDead)]
      .sort((a, b) => String(a.id).localeCompare(String(b.id), "en", { numeric: true }));
  }

  /** The members that may be connected to. */
  get alive() {
    return this.members.filter(({ url, state }) => state !== "dead" && httpOrigin(url) !== null);
  }
}

/** What is said beside a member's name: its condition and roles, else how many documents it owns if that is told. */
export function memberWords({ state, documents }, { isHere = false, isOwner = false } = {}) {
  const isDead = state === "dead";
  const condition = isDead ? "not answering" : state === "draining" ? "leaving" : null;
  const words = [condition, isHere ? "this window" : null, !isDead && isOwner ? "owner" : null].filter(Boolean).join(" · ");
  if (words !== "" || documents === undefined) return words;
  return `${documents} ${documents === 1 ? "document" : "documents"}`;
}

/** The base URL of the member at `text`, a URL; null if it is none of the members'. */
export function memberAt(text, members) {
  const wanted = httpOrigin(text);
  return wanted !== null && members.some(({ url }) => httpOrigin(url) === wanted) ? wanted : null;
}

/** The origin of an http or https URL; null if the text is none, which a page must live with. */
export function httpOrigin(text) {
  try {
    const url = new URL(text);
    return url.protocol === "http:" || url.protocol === "https:" ? url.origin : null;
  } catch {
    return null;
  }
}
