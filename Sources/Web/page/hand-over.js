import { longestName } from "./identity.js";
import { memberAt } from "./member-list.js";

const parameter = "as";
const longestUser = 100;

/**
 * The address of a page on another node that goes on as the same person. Storage belongs to an origin and each
 * node is one of its own, so the identity is handed over in the fragment, which no server sees.
 */
export function addressWithIdentity(url, { user, name }) {
  const address = new URL(url);
  address.hash = new URLSearchParams({ [parameter]: JSON.stringify({ user, name }) }).toString();
  return address.href;
}

/** The identity in a fragment, or null. */
export function identityIn(hash) {
  try {
    const { user, name } = JSON.parse(new URLSearchParams(hash.replace(/^#/u, "")).get(parameter));
    const isOne = typeof user === "string" && typeof name === "string" && /\S/u.test(user) && /\S/u.test(name)
      && user.length <= longestUser && name.length <= longestName;
    return isOne ? { user, name } : null;
  } catch {
    return null;
  }
}

/**
 * Whether an identity is handed over by whom it may be: a page of a member of this cluster, and not by a link on
 * some other page, which would make its reader somebody else. A page can hide its origin as the referrer, but
 * not choose it.
 */
export function mayHandOver(referrer, members) {
  return memberAt(referrer, members) !== null;
}
