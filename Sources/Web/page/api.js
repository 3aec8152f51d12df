const timeoutMilliseconds = 5000;

/** An answer of the HTTP API that is not a success: `code` and `status` as the server gave them. */
export class APIError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** The HTTP API of one node (HTTPAPI.md), called as `identity` (`{user, name}` or `{token}`). */
export class API {
  #node;
  #identity;

  /** `node` is a base URL; it may be another one than the page's own. */
  constructor(node, identity) {
    this.#node = node;
    this.#identity = identity;
  }

  listDocuments(cursor) {
    return this.#call("GET", "/api/documents", { parameters: { limit: 50, ...(cursor ? { cursor } : {}) } });
  }

  createDocument(title) { return this.#call("POST", "/api/documents", { body: { title } }); }
  readDocument(id) { return this.#call("GET", `/api/documents/${encodeURIComponent(id)}`); }
  renameDocument(id, title) {
    return this.#call("PATCH", `/api/documents/${encodeURIComponent(id)}`, { body: { title } });
  }
  readCluster() { return this.#call("GET", "/api/cluster"); }
  locateDocument(id) { return this.#call("GET", `/api/cluster/documents/${encodeURIComponent(id)}`); }

  drainNode(id) { return this.#call("POST", `/api/cluster/nodes/${encodeURIComponent(id)}/drain`); }
  undrainNode(id) { return this.#call("DELETE", `/api/cluster/nodes/${encodeURIComponent(id)}/drain`); }
  searchCluster(text) { return this.#call("GET", "/api/cluster/documents", { parameters: { search: text } }); }
  readTimeline(id) { return this.#call("GET", `/api/cluster/documents/${encodeURIComponent(id)}/timeline`); }

  async #call(method, path, { parameters = {}, body } = {}) {
    const { token, ...asParameters } = this.#identity;
    const url = new URL(path, this.#node);
    for (const [name, value] of Object.entries({ ...asParameters, ...parameters })) url.searchParams.set(name, value);
    const headers = {};
    if (token) headers.Authorization = `Bearer ${token}`;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const response = await fetch(url, {
      method, headers, body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMilliseconds), cache: "no-store",
    });
    const answer = await response.json().catch(() => null);
    if (response.ok) return answer;
    const { code = "unavailable", message = response.statusText } = answer?.error ?? {};
    throw new APIError(response.status, code, message);
  }
}
