import CollabModel
import Delta
import DequeModule

/// What an owner knows of one client: its connection, its last operation, where it is.
struct OwnerClient: Sendable {
    /// One connection of a client, as its replica announced it.
    struct Connection: Sendable, Hashable {
        var stream: StreamID
        var session: SessionToken
    }

    /// The client's last operation under this epoch, durable or not.
    struct LastOperation: Sendable, Hashable {
        var operationID: OperationID
        var version: Version
        var digest: Digest
    }

    let clientID: ClientID
    var profile: ClientProfile
    var permission: Permission
    /// `nil` while the client is gone.
    var connection: Connection?
    /// The number of the newest connection; kept when it is gone, so that what it left on the way is recognised.
    var number: ConnectionNumber
    /// Where the client said that its connection stands among its own; `nil`: it does not say.
    var order: ConnectionOrder?
    /// Orders the connections of a client that does not say: the number, given by an earlier owner, that the newest of
    /// them brought.
    var broughtNumber: ConnectionNumber
    var last: LastOperation?
    var presence: PlacedPresence
    /// Whether the others have not been told of `presence` yet.
    var isPresenceDirty = false
    /// The question to the log that decides about an earlier submission; the ones after it wait.
    var question: QuestionID?
    var waiting: Deque<Arrival> = []
    /// Counts departures, so that a forgotten departure does not remove a client that came back.
    var departure: UInt64 = 0
}

/// A submission, the stream that it came on, and when (monotonic microseconds).
struct Arrival: Sendable {
    var stream: StreamID
    var submission: Submission
    var receivedAt: Int64
}

/// The clients of a document: those that are here, and as many of those that have gone as the bound allows.
struct ClientTable: Sendable {
    private var slots: [ClientID: Int] = [:]
    private var records: [OwnerClient] = []
    private var departed: Deque<(client: ClientID, departure: UInt64)> = []
    private var departures: UInt64 = 0
    private let departedLimit: Int
    /// How many clients are connected.
    private(set) var connectedCount = 0
    /// No connected client's presence lies below this version.
    private(set) var presenceBound: Version

    init(departedLimit: Int, at version: Version) {
        self.departedLimit = departedLimit
        presenceBound = version
    }

    func slot(of client: ClientID) -> Int? { slots[client] }

    subscript(slot: Int) -> OwnerClient {
        _read { yield records[slot] }
        _modify { yield &records[slot] }
    }

    /// The slot of a client if this is its newest connection, on this stream.
    func current(_ client: ClientID, number: ConnectionNumber, on stream: StreamID) -> Int? {
        guard let slot = slots[client], let connection = records[slot].connection, connection.stream == stream,
            records[slot].number == number
        else { return nil }
        return slot
    }

    /// Adds a client that is not in the table, connected.
    mutating func add(_ record: OwnerClient) {
        precondition(slots[record.clientID] == nil && record.connection != nil, "a client is in the table once")
        slots[record.clientID] = records.count
        records.append(record)
        connectedCount += 1
    }

    /// Gives a client a connection.
    mutating func connect(_ slot: Int, _ connection: OwnerClient.Connection) {
        if records[slot].connection == nil { connectedCount += 1 }
        records[slot].connection = connection
    }

    /// Takes a client's connection away and forgets the client that has been gone longest when there are too many.
    mutating func disconnect(_ slot: Int) {
        guard records[slot].connection != nil else { return }
        connectedCount -= 1
        departures += 1
        records[slot].connection = nil
        records[slot].waiting.removeAll()
        records[slot].isPresenceDirty = false
        records[slot].departure = departures
        departed.append((records[slot].clientID, departures))
        while departed.count > departedLimit, let oldest = departed.popFirst() {
            guard let index = slots[oldest.client], records[index].connection == nil,
                records[index].departure == oldest.departure
            else { continue }
            remove(index)
        }
    }

    /// The clients that are connected, in the order of their ids; those of one stream when one is given.
    func connected(on stream: StreamID? = nil) -> [ClientID] {
        records.filter { record in
            guard let connection = record.connection else { return false }
            return stream == nil || connection.stream == stream
        }.map(\.clientID).sorted()
    }

    /// Moves everybody's presence to a version that the window reaches.
    mutating func movePresence(to version: Version, over window: OperationWindow) {
        for slot in records.indices where records[slot].connection != nil {
            records[slot].presence.move(to: version, over: window, client: records[slot].clientID)
        }
        presenceBound = version
    }

    private mutating func remove(_ slot: Int) {
        slots[records[slot].clientID] = nil
        let last = records.count - 1
        if slot != last {
            records[slot] = records[last]
            slots[records[slot].clientID] = slot
        }
        records.removeLast()
    }

    func checkInvariants() {
        #if DEBUG
            assert(slots.count == records.count, "the table of clients is inconsistent")
            assert(records.count(where: { $0.connection != nil }) == connectedCount, "the count of clients is wrong")
            for slot in records.indices {
                assert(slots[records[slot].clientID] == slot, "a client's slot is wrong")
                assert(
                    records[slot].connection == nil || records[slot].presence.version >= presenceBound,
                    "a presence lies below its bound")
                assert(records[slot].waiting.isEmpty || records[slot].question != nil, "a submission waits for nothing")
            }
        #endif
    }
}
