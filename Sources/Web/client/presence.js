/**
 * Who else is in the document and where, in positions of the local document: moved by every edit, the
 * server's and the user's own.
 */
export class Presence {
  /** clientId to `{clientId, userId, name, color, cursor, selection}`. */
  others = new Map();
  /** The colour in which the others see this client, where the server has told it. */
  ownColor = null;

  /** Takes the `clients` of an `init`, `catchup` or `resync`; `toLocal` maps a server position. */
  replaceAll(pairs, ownClientId, toLocal) {
    this.others = new Map();
    for (const [clientId, client] of pairs ?? []) {
      if (clientId === ownClientId) {
        this.ownColor = client.color ?? this.ownColor;
        continue;
      }
      this.others.set(clientId, {
        clientId,
        userId: client.userId,
        name: client.name,
        color: client.color,
        cursor: Number.isInteger(client.cursor) ? toLocal(client.cursor) : null,
        selection: localRange(client.selection, toLocal),
      });
    }
  }

  /** Takes a `client_join`, `client_leave`, `cursor` or `selection`. */
  take(message, toLocal) {
    const { type, clientId, userId, name, color } = message;
    const known = this.others.get(clientId);
    if (type === "client_leave") this.others.delete(clientId);
    else if (type === "client_join") {
      const { cursor = null, selection = null } = known ?? {};
      this.others.set(clientId, { clientId, userId, name, color, cursor, selection });
    } else if (!known) return;
    else if (type === "cursor") known.cursor = Number.isInteger(message.position) ? toLocal(message.position) : null;
    else known.selection = localRange(message.range, toLocal);
  }

  /**
   * Moves everybody over a change of the local document. What the author of the change inserted at his own
   * cursor pushes the cursor on; what somebody else inserts there does not.
   */
  move(change, authorClientId) {
    for (const client of this.others.values()) {
      const stays = client.clientId !== authorClientId;
      if (client.cursor !== null) client.cursor = change.transformPosition(client.cursor, stays);
      if (client.selection === null) continue;
      const start = change.transformPosition(client.selection.index, false);
      const end = change.transformPosition(client.selection.index + client.selection.length, true);
      client.selection = end > start ? { index: start, length: end - start } : null;
    }
  }
}

function localRange(range, toLocal) {
  if (!range || !Number.isInteger(range.index) || !(range.length > 0)) return null;
  // What is inserted at an edge of a selection is outside it.
  const start = toLocal(range.index, false);
  const end = toLocal(range.index + range.length, true);
  return end > start ? { index: start, length: end - start } : null;
}
