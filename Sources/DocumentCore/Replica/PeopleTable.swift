import CollabModel

/// Everybody who is in the document, as a replica was told by the owner.
///
/// A new owner knows at first only those who have announced themselves to it. The others stay for a moment, so that a
/// change of owner does not make everybody leave and join in everybody's eyes.
struct PeopleTable: Sendable {
    struct Person: Sendable {
        var profile: ClientProfile
        var presence: PlacedPresence
        /// The count of presence changes at which this presence was told.
        var changedAt: UInt64
        /// Since when the present owner has not named this client (monotonic microseconds).
        var missingSince: Int64?
    }

    private var people: [ClientID: Person] = [:]
    /// Counts presence changes.
    private(set) var changes: UInt64 = 0

    var isEmpty: Bool { people.isEmpty }
    /// The clients, in the order of their ids.
    var clients: [ClientID] { people.keys.sorted() }

    subscript(client: ClientID) -> Person? { people[client] }

    /// Whether the others have to be told of this entry: it is new, or its profile is another.
    mutating func join(_ entry: ClientEntry, at version: Version) -> Bool {
        changes += 1
        let isNews = people[entry.clientID]?.profile != entry.profile
        people[entry.clientID] = Person(
            profile: entry.profile, presence: PlacedPresence(entry.presence, at: version), changedAt: changes)
        return isNews
    }

    mutating func leave(_ client: ClientID) -> ClientEntry? {
        people.removeValue(forKey: client).map {
            ClientEntry(clientID: client, profile: $0.profile, presence: $0.presence.presence)
        }
    }

    /// Sets where a client is; `false`: it is not here.
    mutating func setPresence(_ presence: Presence, of client: ClientID, at version: Version) -> Bool {
        guard let index = people.index(forKey: client) else { return false }
        changes += 1
        people.values[index].presence = PlacedPresence(presence, at: version)
        people.values[index].changedAt = changes
        return true
    }

    /// Notes who a new owner knows; the others are missing since now.
    mutating func reconcile(present: [ClientEntry], now: Int64) {
        for client in people.keys where people[client]?.missingSince == nil {
            people[client]?.missingSince = now
        }
        for entry in present { people[entry.clientID]?.missingSince = nil }
    }

    /// The clients that no owner has named since a time.
    func missing(since time: Int64) -> [ClientID] {
        people.filter { ($0.value.missingSince ?? .max) <= time }.keys.sorted()
    }

    /// Moves everybody to a version that the window reaches.
    mutating func move(to version: Version, over window: OperationWindow) {
        for index in people.indices {
            let client = people.keys[index]
            people.values[index].presence.move(to: version, over: window, client: client)
        }
    }

    /// The entries, in the order of their ids, as they stand.
    var entries: [ClientEntry] {
        clients.compactMap { client in
            people[client].map {
                ClientEntry(clientID: client, profile: $0.profile, presence: $0.presence.presence)
            }
        }
    }

    /// Those whose presence changed after a count, in the order of their ids.
    func changed(after count: UInt64) -> [ClientID] {
        people.filter { $0.value.changedAt > count && $0.value.missingSince == nil }.keys.sorted()
    }
}
