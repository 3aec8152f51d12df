package import CollabModel
import Delta

/// The other clients of a document, as one client knows them.
///
/// An operation moves the positions of those that are somewhere; in a document with many viewers these are few, so they
/// are kept apart, and an operation costs nothing for the rest.
package struct OtherClients: Sendable, Hashable {
    private var profiles: [ClientID: ClientProfile] = [:]
    /// Never empty ones.
    private var places: [ClientID: Presence] = [:]

    package init(_ entries: [ClientEntry] = []) {
        for entry in entries { set(entry) }
    }

    package subscript(client: ClientID) -> ClientEntry? {
        profiles[client].map {
            ClientEntry(clientID: client, profile: $0, presence: places[client] ?? Presence())
        }
    }

    /// Everybody, in the order of their ids.
    package var all: [ClientEntry] { profiles.keys.sorted().compactMap { self[$0] } }

    mutating func set(_ entry: ClientEntry) {
        profiles[entry.clientID] = entry.profile
        place(entry.clientID, entry.presence)
    }

    /// Says where a client is that is known.
    mutating func place(_ client: ClientID, _ presence: Presence) {
        places[client] = presence.isEmpty ? nil : presence
    }

    /// Forgets a client; `false`: it was not known.
    mutating func remove(_ client: ClientID) -> Bool {
        places[client] = nil
        return profiles.removeValue(forKey: client) != nil
    }

    /// Moves everybody over a change of the document.
    mutating func move(over change: Delta, by author: ClientID?) {
        guard !places.isEmpty else { return }
        for (client, presence) in places { places[client] = presence.moved(over: change, isOwn: client == author) }
    }
}
