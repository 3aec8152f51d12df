import CollabModel
import Delta

// What goes to the server: one operation at a time.
extension ClientMachine {
    /// When the operation in flight is to be sent again; `nil` without one.
    var resendTime: Int64? {
        guard connection == .live, !isAwaitingResync, let inFlight = pending.inFlight else { return nil }
        if let time = inFlight.retryAt { return time }
        return inFlight.sentAt.map { $0 + configuration.resendMilliseconds * 1_000 }
    }

    /// Sends the operation in flight again: the same operation under the same id, moved to the version that is held now.
    mutating func resend() {
        guard connection == .live, !isAwaitingResync, let inFlight = pending.inFlight else { return }
        pending.inFlight?.sentAt = now
        pending.inFlight?.retryAt = nil
        output.append(
            .send(.operation(inFlight.id, base: version, inFlight.delta, presence: inFlight.presence)))
    }

    /// Sends what was typed, when nothing is in flight; or where the user is, when nothing is pending.
    mutating func sendNext() {
        guard connection == .live, !isAwaitingResync, pending.inFlight == nil else { return }
        guard let buffer = pending.buffer else {
            guard isPresenceUntold else { return }
            isPresenceUntold = false
            output.append(.send(.presence(version, presence)))
            return
        }
        guard permission >= .edit else { return }
        let (first, rest) = EditSplitter.split(buffer, limit: operationBytes)
        var told: Presence?
        if rest == nil, isPresenceUntold {
            told = presence
            isPresenceUntold = false
        }
        pending.inFlight = .init(id: nextOperationID(), delta: first, presence: told, sentAt: now)
        pending.buffer = rest
        if let id = pending.inFlight?.id {
            output.append(.send(.operation(id, base: version, first, presence: told)))
        }
    }

    private mutating func nextOperationID() -> OperationID {
        operationCount += 1
        guard let id = OperationID("\(operationPrefix)-\(operationCount)") else {
            preconditionFailure("the prefix of operation ids is empty or too long")
        }
        return id
    }

    /// Asks for the whole document: what the client holds is not what the server has.
    mutating func requestResync() {
        guard !isAwaitingResync else { return }
        isAwaitingResync = true
        output.append(.send(.resync))
    }
}
