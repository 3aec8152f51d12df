import CollabModel
import Delta

// Sessions come, are announced to the owner, go.
extension ReplicaMachine {
    mutating func attach(_ token: SessionToken, _ request: SessionRequest) {
        guard !sessions.contains(token) else { return }
        guard sessions.count < limits.sessions else {
            output.append(.close(token, .overloaded, "the document has too many sessions"))
            return
        }
        emptySince = nil
        isIdleTold = false
        sessions.insert(ReplicaSession(token: token, request: request, now: now))
        #if MUTANTS
            if Mutant.staleReplica.isActive, content != nil {
                if isOpen { announce(token) }
                return serve(token)
            }
        #endif
        toAsk.append(token)
        if isOpen { announce(token) }
    }

    mutating func detach(_ token: SessionToken) {
        guard let session = remove(token), session.isJoined, let number = session.number else { return }
        output.append(.toOwner(.leave(session.clientID, number)))
    }

    /// Forgets a session and what it waited for.
    private mutating func remove(_ token: SessionToken) -> ReplicaSession? {
        guard let session = sessions.remove(token) else { return nil }
        heldCount -= session.unacknowledged.count
        heldBytes -= session.unacknowledged.reduce(0) { $0 + $1.bytes }
        toAsk.removeAll { $0 == token }
        asked?.tokens.removeAll { $0 == token }
        readers.removeAll { $0 == token }
        if sessions.isEmpty { emptySince = now }
        return session
    }

    /// Closes a session.
    mutating func close(_ token: SessionToken, _ code: CloseCode, _ message: String) {
        guard sessions.contains(token) else { return }
        output.append(.close(token, code, message))
        detach(token)
    }

    mutating func closeAll(_ code: CloseCode, _ message: String) {
        for token in sessions.tokens { close(token, code, message) }
    }

    /// Joins a session at the owner, or tells it of another permission. While a join is under way it is not repeated: a
    /// second one without a number would be taken for a second connection.
    mutating func announce(_ token: SessionToken) {
        guard isOpen, let session = sessions[token], session.announced == nil || session.isJoined,
            session.announced != session.permission
        else { return }
        var presence = Presence()
        if let person = people[session.clientID] {
            var placed = person.presence
            placed.move(to: version, over: window, client: session.clientID)
            presence = placed.presence
        }
        sessions.update(token) { $0.announced = $0.permission }
        output.append(
            .toOwner(
                .join(
                    JoinRequest(
                        session: token, clientID: session.clientID, profile: session.profile,
                        permission: session.permission, order: session.order, number: session.number, presence: presence
                    ))))
    }

    mutating func joined(_ acceptance: JoinAcceptance) {
        guard let session = sessions[acceptance.session], session.clientID == acceptance.clientID else {
            output.append(.toOwner(.leave(acceptance.clientID, acceptance.connection)))
            return
        }
        let isFirst = !session.isJoined || session.number != acceptance.connection
        sessions.update(session.token) { session in
            session.number = acceptance.connection
            session.isJoined = true
            session.untold = nil
        }
        if isFirst {
            for held in session.unacknowledged { forward(held, of: session.clientID, acceptance.connection) }
            if let (version, presence) = session.untold {
                output.append(.toOwner(.presence(session.clientID, acceptance.connection, version, presence)))
            }
        }
        announce(session.token)
    }

    mutating func joinRefused(_ token: SessionToken, _ code: ErrorCode, _ message: String) {
        guard sessions.contains(token) else { return }
        if code == .conflict { return close(token, .replaced, message) }
        tell(token, .error(code, message, nil))
        close(token, code == .forbidden ? .forbidden : .overloaded, message)
    }

    mutating func replaced(_ client: ClientID, _ number: ConnectionNumber) {
        for token in sessions.tokens(of: client) where sessions[token]?.number == number {
            output.append(.close(token, .replaced, "another connection of this client has taken its place"))
            _ = remove(token)
        }
    }

    mutating func permissionChanged(of user: UserID, to permission: Permission?) {
        for token in sessions.tokens where sessions[token]?.profile.userID == user {
            guard let permission else {
                close(token, .forbidden, "access to the document was taken away")
                continue
            }
            guard sessions[token]?.permission != permission else { continue }
            sessions.update(token) { $0.permission = permission }
            tell(token, .permission(permission))
            announce(token)
        }
    }

    // MARK: What every session is told

    /// Tells one session something that is not about versions, at once or when its outbox has drained. A session for which
    /// too much is kept is closed.
    mutating func tell(_ token: SessionToken, _ event: SessionEvent) {
        guard let session = sessions[token] else { return }
        guard session.fullSince != nil else {
            output.append(.send(token, event))
            return
        }
        let count = sessions.update(token) { session in
            session.deferred.append(event)
            return session.deferred.count
        }
        if let count, count > Self.deferredLimit { close(token, .overloaded, "the session does not keep up") }
    }

    private static let deferredLimit = 1_024

    /// Tells every session that has had its first message, except those of one client.
    mutating func tellAll(_ event: SessionEvent, except client: ClientID? = nil) {
        let own = client.map { sessions.tokens(of: $0) } ?? []
        let audience = own.isEmpty ? sessions.audience : sessions.audience.filter { !own.contains($0) }
        if !audience.isEmpty { output.append(.fanOutEvent(event, audience)) }
        guard sessions.audience.count < sessions.count else { return }
        for token in sessions.tokens where !own.contains(token) {
            guard let session = sessions[token], session.isStarted, !session.isInAudience else { continue }
            tell(token, event)
        }
    }

    // MARK: People

    /// How long a client that a new owner does not know stays in the others' eyes, in microseconds.
    static let missingMicroseconds: Int64 = 5_000_000

    mutating func reconcile(_ entries: [ClientEntry]) {
        people.reconcile(present: entries, now: now)
        for entry in entries { personJoined(entry) }
    }

    mutating func personJoined(_ entry: ClientEntry) {
        let before = people[entry.clientID]
        if people.join(entry, at: version) {
            tellAll(.clientJoined(entry), except: entry.clientID)
        } else if before?.presence.presence != entry.presence, !entry.presence.isEmpty {
            tellPresence(entry.presence, of: entry.clientID)
        }
    }

    mutating func personLeft(_ client: ClientID) {
        guard let entry = people.leave(client) else { return }
        tellAll(.clientLeft(entry), except: client)
    }

    /// Presence is best effort: a session that is behind is told when it has caught up.
    mutating func personMoved(_ client: ClientID, _ version: Version, _ presence: Presence) {
        guard version == self.version, people.setPresence(presence, of: client, at: version) else { return }
        tellPresence(presence, of: client)
    }

    private mutating func tellPresence(_ presence: Presence, of client: ClientID) {
        let own = sessions.tokens(of: client)
        let audience = own.isEmpty ? sessions.audience : sessions.audience.filter { !own.contains($0) }
        if !audience.isEmpty { output.append(.fanOutEvent(.presence(client, version, presence), audience)) }
    }

    mutating func setPresence(_ presence: Presence, at version: Version, of token: SessionToken) {
        guard let session = sessions[token] else { return }
        if session.isJoined, let number = session.number {
            output.append(.toOwner(.presence(session.clientID, number, version, presence)))
        } else {
            sessions.update(token) { $0.untold = (version, presence) }
        }
    }

    // MARK: Time

    mutating func tick() {
        let patience = limits.slowSessionMilliseconds * 1_000
        for token in sessions.tokens {
            guard let session = sessions[token] else { continue }
            if let since = session.fullSince, now - since >= patience {
                output.append(.observe(.slowSession))
                close(token, .overloaded, "the session does not keep up")
            } else if session.fullSince == nil, session.isStalled, now - session.waitingSince >= patience {
                tell(token, .error(.unavailable, "the document cannot be served at present", nil))
                close(token, .overloaded, "the document cannot be served at present")
            }
        }
        for client in people.missing(since: now - Self.missingMicroseconds) where isOpen { personLeft(client) }
        if heldCount != observedHeldCount {
            observedHeldCount = heldCount
            output.append(.observe(.heldSubmissions(heldCount)))
        }
        guard sessions.isEmpty else { return }
        let since = emptySince ?? now
        emptySince = since
        if !isIdleTold, now - since >= limits.idleMilliseconds * 1_000 {
            isIdleTold = true
            output.append(.idle)
        }
    }
}

extension ReplicaSession {
    /// Whether it waits for an answer of the owner or the log.
    var isStalled: Bool {
        switch phase {
        case .waiting, .lookingUp, .reading: true
        case .behind, .live: false
        }
    }
}
