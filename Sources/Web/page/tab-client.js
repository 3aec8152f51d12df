import { openStorage } from "./storage.js";

/**
 * Which client (protocol.md, `clientId`) this tab is in a document: the one that it was before a reload; else
 * one whose tab was closed with unsaved edits, so that they are gone on with; else a new one.
 *
 * Two tabs must not be one client, and a duplicated tab has the session storage of the first. So a client is
 * used only under a Web Lock, which ends with its tab. Where there are no locks (pages without a secure
 * context) a tab trusts its session storage and leaves the drafts of others alone.
 */
export class TabClient {
  #documentId;
  #drafts;
  #storage = openStorage("sessionStorage");

  constructor({ documentId, drafts }) {
    this.#documentId = documentId;
    this.#drafts = drafts;
  }

  /** `{clientId, draft}`, either null. */
  async claim() {
    const own = this.#storage.getItem(this.#key);
    if (own !== null && await this.#lock(own)) return { clientId: own, draft: this.#drafts.read(own) };
    if (navigator.locks) {
      for (const clientId of this.#drafts.clientIds()) {
        const draft = this.#drafts.read(clientId);
        if (draft !== null && await this.#lock(clientId)) return { clientId, draft };
      }
    }
    return { clientId: null, draft: null };
  }

  /** The server made this tab this client. */
  remember(clientId) {
    if (this.#storage.getItem(this.#key) === clientId) return;
    this.#storage.setItem(this.#key, clientId);
    this.#lock(clientId);
  }

  get #key() {
    return `collab.client.${this.#documentId}`;
  }

  /** Whether this tab has the client; held until the tab is gone. */
  #lock(clientId) {
    if (!navigator.locks) return Promise.resolve(true);
    return new Promise((resolve) => {
      navigator.locks.request(`collab.client.${clientId}`, { ifAvailable: true }, (lock) => {
        resolve(lock !== null);
        return lock === null ? undefined : new Promise(() => {});
      });
    });
  }
}
