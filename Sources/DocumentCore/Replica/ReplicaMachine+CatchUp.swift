import CollabModel
import Delta

// From an attached session to a live one, and back there after it fell behind.
extension ReplicaMachine {
    /// The most portions that are read from the log for sessions at one time.
    private static let concurrentReads = 16

    /// Serves a session that waited for the committed version.
    mutating func serve(_ token: SessionToken) {
        guard let session = sessions[token], session.phase == .waiting else { return }
        guard let content else {
            toAsk.append(token)
            return
        }
        if session.isStarted || !session.owed.isEmpty {
            settleOwed(token)
            return
        }
        guard let resume = session.resume else {
            settleOwed(token)
            return
        }
        guard resume.version.value >= 0, resume.version <= version else {
            owe(token, reason: "unknown version")
            return
        }
        let digest = resume.version == version ? content.digest : window.digest(at: resume.version)
        if let digest, let claimed = resume.digest, digest != claimed {
            owe(token, reason: "digest mismatch")
            return
        }
        guard resume.version >= window.start || resume.version.distance(to: version) <= limits.baseDistance else {
            owe(token, reason: "too far behind")
            return
        }
        sessions.update(token) { $0.phase = .behind(sent: resume.version, head: version) }
        advance(token)
    }

    /// Brings a session on as far as possible without the log, and asks the log for the rest.
    mutating func advance(_ token: SessionToken) {
        guard content != nil, let session = sessions[token], session.fullSince == nil,
            case .behind(let sent, let head) = session.phase
        else { return }
        guard session.owed.isEmpty, session.isStarted || session.resume != nil else {
            settleOwed(token)
            return
        }
        guard sent <= version else {
            owe(token, reason: "unknown version")
            return
        }
        guard sent >= window.start else {
            if session.isSlow || sent.distance(to: version) > limits.baseDistance {
                owe(token, reason: "too far behind")
            } else {
                read(token)
            }
            return
        }
        let end = max(sent, head)
        if !session.isStarted || sent < end {
            tellCatchUp(token, after: sent, window.operations(after: sent, through: end), head: end)
        }
        var position = end
        while position < version {
            let next = min(version, position.advanced(by: limits.portionOperations))
            output.append(.send(token, .commits(window.operations(after: position, through: next))))
            position = next
        }
        becomeLive(token)
    }

    /// Sends operations up to the head of a catch-up in portions; the first of them is the session's first message.
    private mutating func tellCatchUp(
        _ token: SessionToken, after sent: Version, _ operations: [CommittedOperation], head: Version
    ) {
        guard let session = sessions[token] else { return }
        var rest = operations[...]
        if !session.isStarted {
            let first = Array(rest.prefix(limits.portionOperations))
            rest = rest.dropFirst(first.count)
            let end = first.last?.version ?? sent
            let digest = first.last?.digest ?? window.digest(at: sent) ?? session.resume?.digest ?? content?.digest
            guard let digest else { return }
            output.append(
                .send(
                    token,
                    .catchUp(
                        clientID: session.clientID, version: end, operations: first, clients: entries(for: session),
                        permission: session.permission, digest: digest, head: head)))
            start(token)
        }
        while !rest.isEmpty {
            let portion = Array(rest.prefix(limits.portionOperations))
            rest = rest.dropFirst(portion.count)
            output.append(.send(token, .catchUpOperations(portion)))
        }
    }

    /// The first message of a session has been sent.
    private mutating func start(_ token: SessionToken) {
        sessions.update(token) { session in
            session.isStarted = true
            session.presenceSeen = people.changes
        }
        if let degradation { tell(token, .degraded(degradation)) }
    }

    /// A session has been told everything: from now on commits reach it as they come.
    private mutating func becomeLive(_ token: SessionToken) {
        guard let session = sessions[token] else { return }
        for event in session.deferred { output.append(.send(token, event)) }
        sessions.update(token) { session in
            session.phase = .live
            session.isSlow = false
            session.deferred = []
            session.resume = nil
        }
        people.move(to: version, over: window)
        for client in people.changed(after: session.presenceSeen) where client != session.clientID {
            guard let presence = people[client]?.presence.presence, !presence.isEmpty else { continue }
            output.append(.send(token, .presence(client, version, presence)))
        }
    }

    // MARK: The log

    private mutating func read(_ token: SessionToken) {
        guard readsUnderWay < Self.concurrentReads else {
            if !readers.contains(token) { readers.append(token) }
            return
        }
        guard let session = sessions[token], case .behind(let sent, let head) = session.phase else { return }
        readsUnderWay += 1
        let question = ask(.operations(token))
        sessions.update(token) { session in
            session.phase = .reading(question, sent: sent, head: head)
            session.waitingSince = now
        }
        // The operation that made the resumed version comes along, for its digest.
        let after = !session.isStarted && sent > .initial ? sent.previous : sent
        output.append(
            .read(question, after: after, through: min(window.start, sent.advanced(by: limits.portionOperations))))
    }

    mutating func answered(_ question: QuestionID, operations: [CommittedOperation]?) {
        guard case .operations(let token)? = questions.removeValue(forKey: question) else { return }
        readsUnderWay -= 1
        if let session = sessions[token], case .reading(question, let sent, let head) = session.phase {
            sessions.update(token) { $0.phase = .behind(sent: sent, head: head) }
            if let operations {
                take(operations, for: session, sent: sent, head: head)
            } else {
                tell(token, .error(.unavailable, "the document's log cannot be read at present", nil))
                close(token, .overloaded, "the document's log cannot be read at present")
            }
        }
        while readsUnderWay < Self.concurrentReads, !readers.isEmpty {
            advance(readers.removeFirst())
        }
    }

    /// Sends a portion that was read from the log.
    private mutating func take(
        _ operations: [CommittedOperation], for session: ReplicaSession, sent: Version, head: Version
    ) {
        let token = session.token
        var portion = operations[...]
        if !session.isStarted, let first = portion.first, first.version == sent {
            portion = portion.dropFirst()
            if let claimed = session.resume?.digest, claimed != first.digest {
                owe(token, reason: "digest mismatch")
                return
            }
        }
        guard session.owed.isEmpty, session.fullSince == nil else {
            advance(token)
            return
        }
        var expected = sent.next
        for operation in portion {
            guard operation.version == expected else { break }
            expected = expected.next
        }
        guard let last = portion.last, expected == last.version.next else {
            owe(token, reason: "the log does not continue version \(sent)")
            return
        }
        let old = Array(portion.prefix { $0.version <= head })
        let new = Array(portion.dropFirst(old.count))
        if !old.isEmpty { tellCatchUp(token, after: sent, old, head: head) }
        if !new.isEmpty { output.append(.send(token, .commits(new))) }
        sessions.update(token) { $0.phase = .behind(sent: last.version, head: head) }
        advance(token)
    }

    // MARK: Whole states

    /// Owes a session the whole state. Until it is sent nothing else about versions is.
    mutating func owe(_ token: SessionToken, reason: String, rejected: OperationID? = nil) {
        guard let session = sessions[token] else { return }
        // One whole state answers any number of requests, but each rejection is named.
        if rejected == nil, session.owed.contains(where: { $0.rejected == nil }) { return }
        guard session.owed.count < limits.unacknowledgedPerSession + Self.owedLimit else {
            close(token, .protocolAbuse, "too many operations were refused")
            return
        }
        output.append(.observe(.resync(reason: reason)))
        sessions.update(token) { session in
            session.owed.append(.init(reason: reason, rejected: rejected))
            if session.phase == .live { session.phase = .behind(sent: version, head: version) }
        }
        guard session.phase != .waiting || toAsk.contains(token) == false && asked?.tokens.contains(token) != true
        else { return }
        settleOwed(token)
    }

    private static let owedLimit = 16

    /// Sends the state that is owed to a session, once the client's last operation is known.
    mutating func settleOwed(_ token: SessionToken) {
        guard let content, let session = sessions[token], session.fullSince == nil else { return }
        if case .lookingUp = session.phase { return }
        guard case .known(let last) = session.lastOperation else {
            let question = ask(.lastOperation(token))
            sessions.update(token) { session in
                session.phase = .lookingUp(question)
                session.waitingSince = now
            }
            output.append(.lookUpLast(question, session.clientID, through: version))
            return
        }
        let state = SessionState(
            clientID: session.clientID, version: version, content: content, digest: content.digest,
            clients: entries(for: session), permission: session.permission, lastOperationID: last)
        sessions.update(token) { $0.owed = [] }
        if session.owed.isEmpty { output.append(.send(token, .initial(state))) }
        for owed in session.owed {
            output.append(.send(token, .resync(state, reason: owed.reason, rejected: owed.rejected)))
        }
        if !session.isStarted { start(token) }
        becomeLive(token)
    }

    mutating func answered(_ question: QuestionID, last operation: OperationID?) {
        guard case .lastOperation(let token)? = questions.removeValue(forKey: question),
            let session = sessions[token], session.phase == .lookingUp(question)
        else { return }
        sessions.update(token) { session in
            // An operation that has become durable since is later than the one that the log was asked for.
            if session.lastOperation == .unknown { session.lastOperation = .known(operation) }
            session.phase = .behind(sent: version, head: version)
        }
        settleOwed(token)
    }

    /// Everybody, as the session sees them at its first message: itself included.
    private mutating func entries(for session: ReplicaSession) -> [ClientEntry] {
        people.move(to: version, over: window)
        var entries = people.entries
        if people[session.clientID] == nil {
            entries.append(
                ClientEntry(clientID: session.clientID, profile: session.profile, presence: Presence()))
        }
        return entries
    }

    // MARK: Outboxes

    mutating func outboxFull(_ token: SessionToken) {
        sessions.update(token) { session in
            guard session.fullSince == nil else { return }
            session.fullSince = now
            guard session.phase == .live else { return }
            session.phase = .behind(sent: version, head: version)
            session.presenceSeen = people.changes
            session.isSlow = true
        }
    }

    mutating func outboxDrained(_ token: SessionToken) {
        guard let session = sessions[token], session.fullSince != nil else { return }
        sessions.update(token) { $0.fullSince = nil }
        switch session.phase {
        case .waiting where !toAsk.contains(token) && asked?.tokens.contains(token) != true: serve(token)
        case .behind: advance(token)
        case .waiting, .lookingUp, .reading, .live: break
        }
    }
}
