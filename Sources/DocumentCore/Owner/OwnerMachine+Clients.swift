import CollabModel
import Delta

// Streams, connections and presence.
extension OwnerMachine {
    /// Sends on one stream. What has become durable goes out before, so that a message never speaks of a version that its
    /// receiver has not been sent.
    mutating func send(_ stream: StreamID, _ message: OwnerMessage) {
        guard streams.contains(stream) else { return }
        announce()
        output.append(.send(stream, message))
    }

    mutating func broadcast(_ message: OwnerMessage) {
        announce()
        for stream in streams { output.append(.send(stream, message)) }
    }

    mutating func streamOpened(_ stream: StreamID, _ hello: StreamHello) {
        guard !streams.contains(stream) else { return }
        announce()
        let position = streams.firstIndex { $0 > stream } ?? streams.endIndex
        streams.insert(stream, at: position)
        clients.movePresence(to: committedVersion, over: window)
        let entries = clients.connected().compactMap { client -> ClientEntry? in
            clients.slot(of: client).map { clients[$0].entry }
        }
        let opening = StreamOpening(
            epoch: epoch, owner: identity, state: openingState(for: hello.holds), clients: entries,
            isDegraded: degradation != nil)
        output.append(.send(stream, .opened(opening)))
    }

    /// The operations that a replica lacks when the window has them and the replica's document is ours; all of it
    /// otherwise.
    private mutating func openingState(for holds: StreamHello.Held?) -> StreamOpening.State {
        #if MUTANTS
            if Mutant.speculativeInit.isActive {
                return .content(version: headVersion, digest: head.digest, encoded: head.jsonUTF8)
            }
        #endif
        if let holds, holds.version >= window.start, holds.version <= committedVersion,
            digest(at: holds.version) == holds.digest
        {
            return .operations(window.operations(after: holds.version, through: committedVersion))
        }
        if encodedContent?.version != committedVersion {
            encodedContent = (committedVersion, committed.jsonUTF8)
        }
        return .content(
            version: committedVersion, digest: committed.digest, encoded: encodedContent?.bytes ?? [])
    }

    private func digest(at version: Version) -> Digest? {
        version == committedVersion ? committed.digest : window.digest(at: version)
    }

    mutating func streamClosed(_ stream: StreamID) {
        streams.removeAll { $0 == stream }
        held.remove(stream: stream)
        for client in clients.connected(on: stream) {
            guard let slot = clients.slot(of: client) else { continue }
            clients.disconnect(slot)
            broadcast(.clientLeft(client))
        }
    }

    /// Gives a connection its number. Of two connections of one client the newer wins, whichever announces itself first.
    mutating func join(_ request: JoinRequest, on stream: StreamID) {
        guard let slot = clients.slot(of: request.clientID) else {
            guard hasRoom(for: request, on: stream) else { return }
            let number = nextNumber()
            clients.add(
                OwnerClient(
                    clientID: request.clientID, profile: request.profile, permission: request.permission,
                    connection: .init(stream: stream, session: request.session), number: number,
                    order: request.order, broughtNumber: request.number ?? number,
                    presence: placed(request.presence)))
            accept(request, number, on: stream)
            broadcast(.clientJoined(.init(request, presence: request.presence.clamped(to: committed.length))))
            return
        }
        guard isNewest(request, clients[slot]) else {
            send(stream, .joinRefused(request.session, .conflict, "a newer connection of this client is here"))
            return
        }
        rejoin(request, slot, on: stream)
    }

    /// Connects a client that the table knows: again, instead of an older connection, or after it had gone.
    private mutating func rejoin(_ request: JoinRequest, _ slot: Int, on stream: StreamID) {
        let before = clients[slot].connection
        let isSame = request.number == clients[slot].number
        if before == nil { guard hasRoom(for: request, on: stream) else { return } }
        if let before, !isSame {
            send(before.stream, .replaced(request.clientID, clients[slot].number))
        }
        let isUnchanged = before == .init(stream: stream, session: request.session) && isSame
        let number = isUnchanged ? clients[slot].number : nextNumber()
        if !isSame { clients[slot].broughtNumber = request.number ?? number }
        clients[slot].order = request.order
        let isKnownToOthers = before != nil && clients[slot].profile == request.profile
        clients[slot].number = number
        clients[slot].profile = request.profile
        clients[slot].permission = request.permission
        clients[slot].presence = placed(request.presence)
        clients.connect(slot, .init(stream: stream, session: request.session))
        accept(request, number, on: stream)
        if isKnownToOthers {
            markDirty(slot)
        } else {
            broadcast(.clientJoined(.init(request, presence: request.presence.clamped(to: committed.length))))
        }
    }

    /// Whether a connection takes the place of the one that its client has here. The client's own word decides, and with
    /// nobody here to lose his place every connection of it may come.
    ///
    /// Of a client that gives no order only guesses are left: a number of this epoch is the newest only if it is the one
    /// given last; one of an earlier epoch is compared with the one that the current connection brought; a connection
    /// without a number has just begun. They can be wrong, after which the client's present connection is the one that
    /// is closed (the model's `found:older-replaces` and `found:older-outranks`).
    private func isNewest(_ request: JoinRequest, _ client: OwnerClient) -> Bool {
        if let order = request.order, let present = client.order { return client.connection == nil || order >= present }
        guard let number = request.number else { return true }
        if number >= ConnectionNumber(epoch: epoch, ordinal: 0) { return number == client.number }
        return number >= client.broughtNumber
    }

    private mutating func hasRoom(for request: JoinRequest, on stream: StreamID) -> Bool {
        if clients.connectedCount < limits.sessions { return true }
        send(stream, .joinRefused(request.session, .unavailable, "the document has too many sessions"))
        return false
    }

    private mutating func accept(_ request: JoinRequest, _ number: ConnectionNumber, on stream: StreamID) {
        emptySince = nil
        if case .passivating = phase { phase = .serving }
        send(stream, .joined(.init(session: request.session, clientID: request.clientID, connection: number)))
    }

    private mutating func nextNumber() -> ConnectionNumber {
        defer { nextOrdinal += 1 }
        return ConnectionNumber(epoch: epoch, ordinal: nextOrdinal)
    }

    private func placed(_ presence: Presence) -> PlacedPresence {
        PlacedPresence(presence.clamped(to: committed.length), at: committedVersion)
    }

    mutating func leave(_ client: ClientID, _ number: ConnectionNumber, on stream: StreamID) {
        guard let slot = clients.current(client, number: number, on: stream) else { return }
        clients.disconnect(slot)
        broadcast(.clientLeft(client))
    }

    /// Takes a presence that counts at a version the client was told of, and moves it to the committed one.
    mutating func setPresence(
        _ presence: Presence, at version: Version, of client: ClientID, _ number: ConnectionNumber, on stream: StreamID
    ) {
        guard let slot = clients.current(client, number: number, on: stream), version >= window.start,
            version <= committedVersion
        else { return }
        var placed = PlacedPresence(presence.clamped(to: 1 << 40), at: version)
        placed.move(to: committedVersion, over: window, client: client)
        clients[slot].presence = PlacedPresence(placed.presence.clamped(to: committed.length), at: committedVersion)
        markDirty(slot)
    }

    mutating func markDirty(_ slot: Int) {
        guard !clients[slot].isPresenceDirty else { return }
        clients[slot].isPresenceDirty = true
        dirtyPresence.append(clients[slot].clientID)
    }

    /// Tells every stream where the clients are that have moved in this turn, once each.
    mutating func announcePresence() {
        guard !dirtyPresence.isEmpty else { return }
        let moved = dirtyPresence
        dirtyPresence.removeAll(keepingCapacity: true)
        for client in moved {
            guard let slot = clients.slot(of: client), clients[slot].isPresenceDirty else { continue }
            clients[slot].isPresenceDirty = false
            clients[slot].presence.move(to: committedVersion, over: window, client: client)
            broadcast(.presence(client, committedVersion, clients[slot].presence.presence))
        }
    }
}

extension OwnerClient {
    var entry: ClientEntry { ClientEntry(clientID: clientID, profile: profile, presence: presence.presence) }
}

extension ClientEntry {
    init(_ request: JoinRequest, presence: Presence) {
        self.init(clientID: request.clientID, profile: request.profile, presence: presence)
    }
}
