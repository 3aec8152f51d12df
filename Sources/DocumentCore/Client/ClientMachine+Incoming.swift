import CollabModel
import Delta

// What the server says.
extension ClientMachine {
    mutating func received(_ message: ServerMessage) {
        switch connection {
        case .opened, .catchingUp, .live: break
        // Was on its way when the connection was given up.
        case .idle, .waiting, .connecting, .ended: return
        }
        heardAt = now
        pingedAt = nil
        switch message {
        case .initial(let document): initial(document)
        case .catchUp(let catchUp): caughtUp(catchUp)
        case .acknowledged(let id, let version, let digest): acknowledged(id, version, digest)
        case .operations(let operations): take(operations)
        case .cursor(let client, let version, let position):
            move(client, version) { $0.cursor = position }
        case .selection(let client, let version, let range):
            move(client, version) { $0.selection = range }
        case .clientJoined(let entry): joined(entry)
        case .clientLeft(let client):
            if others.remove(client) { tell(.clientLeft(client)) }
        case .resync(let document, let reason, let rejected): resync(document, reason: reason, rejected: rejected)
        case .permission(let permission): setPermission(permission)
        case .degraded(let message): tell(.degraded(message))
        case .restored: tell(.restored)
        case .error(let code, let message, let id): failed(code, message, id)
        case .signOfLife: break
        }
    }

    private mutating func initial(_ document: WholeDocument) {
        guard case .opened = connection, let session = document.session else { return }
        begin(session)
        takeWhole(document, reason: "init", rejected: nil)
        goLive()
    }

    private mutating func caughtUp(_ catchUp: CatchUp) {
        guard case .opened = connection, content != nil else { return }
        begin(catchUp.session)
        connection = .catchingUp(head: catchUp.head)
        take(catchUp.operations)
        if version == catchUp.version, let digest = catchUp.digest { verify(digest) }
        if version >= catchUp.head { goLive() }
    }

    /// Takes what the first message of a connection says beside the document.
    private mutating func begin(_ session: SessionFacts) {
        backoff.reset()
        // Another client now: the operation in flight cannot be recognised under this id, nor sent twice by mistake.
        if let clientID, clientID != session.clientID { pending.withdraw() }
        clientID = session.clientID
        setPermission(session.permission)
        if let limit = session.operationBytes { operationBytes = limit }
        others = OtherClients()
        for entry in session.clients where entry.clientID != session.clientID {
            others.set(
                ClientEntry(
                    clientID: entry.clientID, profile: entry.profile, presence: pending.moved(entry.presence)))
        }
    }

    /// The first message has been taken whole: what was in flight goes out again, then what was typed.
    mutating func goLive() {
        connection = .live
        if pending.inFlight != nil { resend() } else { sendNext() }
    }

    // MARK: Versions

    mutating func take(_ operations: [RemoteOperation]) {
        for operation in operations {
            guard !isAwaitingResync, operation.version > version else { continue }
            guard operation.version == version.next else {
                requestResync()
                return
            }
            switch operation.operationID {
            case let id? where operation.clientID == clientID && pending.isApproximate(id): settle(id, by: operation)
            case let id? where operation.clientID == clientID && pending.inFlight?.id == id:
                confirmInFlight(at: operation.version, digest: nil)
            default: apply(operation)
            }
        }
        if connection == .live { sendNext() }
        if case .catchingUp(let head) = connection, version >= head { goLive() }
    }

    /// Takes the commit of an operation of which this machine may have another form.
    private mutating func settle(_ id: OperationID, by operation: RemoteOperation) {
        var whole = confirmedContent
        guard (try? whole?.apply(operation.delta)) != nil, let whole else {
            requestResync()
            return
        }
        takeWhole(
            WholeDocument(
                version: operation.version, content: whole.delta, digest: nil, lastOperationID: id, session: nil),
            reason: "", rejected: nil)
    }

    private mutating func apply(_ operation: RemoteOperation) {
        let before = pending
        let change = pending.advance(over: operation.delta)
        do {
            try content?.apply(change)
        } catch {
            // What is pending stays where the confirmed document is.
            pending = before
            requestResync()
            return
        }
        version = operation.version
        if confirmed?.advance(over: operation.delta) == false {
            requestResync()
            return
        }
        presence = presence.moved(over: change, isOwn: false)
        if pending.inFlight?.presence != nil { pending.inFlight?.presence = presence }
        others.move(over: change, by: operation.clientID)
        if pending.isEmpty { confirmed = nil }
        tell(.changed(change))
    }

    /// An ack of another operation than the one in flight is either told again, or of an operation that this machine has
    /// never seen: then its content lacks it.
    private mutating func acknowledged(_ id: OperationID, _ version: Version, _ digest: Digest?) {
        guard !isAwaitingResync else { return }
        let isInFlight = id == pending.inFlight?.id
        guard version > self.version else {
            if isInFlight { requestResync() }
            return
        }
        guard isInFlight, version == self.version.next else {
            requestResync()
            return
        }
        confirmInFlight(at: version, digest: digest)
        sendNext()
    }

    private mutating func confirmInFlight(at version: Version, digest: Digest?) {
        guard let inFlight = pending.inFlight else { return }
        self.version = version
        pending.settle()
        refusalsInARow = 0
        let applies = confirmed?.advance(over: inFlight.delta) ?? true
        if pending.isEmpty { confirmed = nil }
        tell(.acknowledged(inFlight.id, version))
        if let digest { verify(digest, always: inFlight.isRebased) }
        if !applies { requestResync() }
    }

    /// Checks the document against the server's digest, where that is free, needed or asked for.
    private mutating func verify(_ digest: Digest, always: Bool = false) {
        guard pending.isEmpty || always || configuration.verifiesEveryAck else { return }
        if confirmedContent?.digest != digest { requestResync() }
    }

    // MARK: The rest

    private mutating func move(_ client: ClientID, _ version: Version, _ change: (inout Presence) -> Void) {
        guard client != clientID, version == self.version, !isAwaitingResync, let entry = others[client] else { return }
        var told = Presence()
        change(&told)
        let moved = pending.moved(told)
        var presence = entry.presence
        if told.cursor != nil || moved.selection == nil { presence.cursor = moved.cursor ?? presence.cursor }
        if told.selection != nil { presence.selection = moved.selection }
        others.place(client, presence)
        tell(.presence(client, presence))
    }

    private mutating func joined(_ entry: ClientEntry) {
        guard entry.clientID != clientID else { return }
        let known = ClientEntry(
            clientID: entry.clientID, profile: entry.profile, presence: pending.moved(entry.presence))
        others.set(known)
        tell(.clientJoined(known))
    }

    private mutating func setPermission(_ permission: Permission) {
        guard permission != self.permission else { return }
        self.permission = permission
        tell(.permission(permission))
        sendNext()
    }

    private mutating func failed(_ code: ErrorCode, _ message: String, _ id: OperationID?) {
        // A whole document follows.
        if id != nil, code == .conflict { return }
        if let id, id == pending.inFlight?.id {
            switch code {
            case .unavailable, .rateLimited, .protocolError:
                pending.inFlight?.retryAt = now + configuration.retryMilliseconds * 1_000
                return
            case .conflict, .invalidOperation, .forbidden, .unauthorized, .notFound, .tooLarge: break
            }
        }
        tell(.error(code, message))
    }
}
