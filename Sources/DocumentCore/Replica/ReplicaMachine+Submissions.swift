import CollabModel
import Delta

// Submissions on their way to the owner and back.
extension ReplicaMachine {
    mutating func submit(
        _ token: SessionToken, _ id: OperationID, base: Version, _ delta: Delta, _ presence: Presence?,
        _ trace: TraceContext?
    ) {
        guard let session = sessions[token] else { return }
        // Sent again by an impatient client: the first copy is still on its way.
        guard !session.unacknowledged.contains(where: { $0.operationID == id }) else { return }
        #if MUTANTS
            let mayEdit = session.permission >= .edit || Mutant.permissionIgnored.isActive
        #else
            let mayEdit = session.permission >= .edit
        #endif
        guard mayEdit else {
            output.append(.observe(.rejected(.forbidden)))
            refuse(token, id, .forbidden, "the session may not edit")
            return
        }
        guard session.unacknowledged.count < limits.unacknowledgedPerSession else {
            output.append(.observe(.rejected(.protocolError)))
            tell(token, .error(.protocolError, "too many operations are in flight; one is allowed", id))
            return
        }
        let held = ReplicaSession.Held(
            operationID: id, base: base, delta: delta, presence: presence, trace: trace, bytes: delta.estimatedBytes)
        guard heldCount < limits.speculativeOperations, heldBytes + held.bytes <= limits.speculativeBytes else {
            output.append(.observe(.rejected(.unavailable)))
            tell(token, .error(.unavailable, "too many operations wait for the document's owner", id))
            return
        }
        sessions.update(token) { $0.unacknowledged.append(held) }
        heldCount += 1
        heldBytes += held.bytes
        if session.isJoined, let number = session.number { forward(held, of: session.clientID, number) }
    }

    mutating func forward(_ held: ReplicaSession.Held, of client: ClientID, _ number: ConnectionNumber) {
        output.append(
            .toOwner(
                .submit(
                    Submission(
                        clientID: client, connection: number, operationID: held.operationID, base: held.base,
                        delta: held.delta, presence: held.presence, trace: held.trace))))
    }

    /// Forgets a submission that has its answer.
    @discardableResult
    mutating func resolve(_ token: SessionToken, _ id: OperationID) -> Bool {
        guard
            let index = sessions[token]?.unacknowledged.firstIndex(where: { $0.operationID == id }),
            let held = sessions.update(token, { $0.unacknowledged.remove(at: index) })
        else { return false }
        heldCount -= 1
        heldBytes -= held.bytes
        return true
    }

    /// Whoever has not been told of the version yet gets the acknowledgement with its commit, in version order.
    mutating func acknowledged(
        _ client: ClientID, _ number: ConnectionNumber, _ id: OperationID, _ version: Version, _ digest: Digest
    ) {
        guard let token = token(of: client, number) else { return }
        resolve(token, id)
        guard let session = sessions[token], session.isStarted, session.owed.isEmpty else { return }
        switch session.phase {
        case .live: break
        case .behind(let sent, _), .reading(_, let sent, _): guard version <= sent else { return }
        case .waiting, .lookingUp: return
        }
        tell(token, .acknowledged(id, version, digest))
    }

    mutating func rejected(
        _ client: ClientID, _ number: ConnectionNumber, _ id: OperationID, _ code: ErrorCode, _ message: String
    ) {
        guard let token = token(of: client, number), resolve(token, id) else { return }
        switch code {
        case .invalidOperation, .forbidden, .tooLarge: refuse(token, id, code, message)
        case .conflict:
            tell(token, .error(code, message, id))
            owe(token, reason: code.rawValue)
        case .unauthorized, .notFound, .rateLimited, .protocolError, .unavailable:
            tell(token, .error(code, message, id))
        }
    }

    /// Says why an operation was refused, and from where the client goes on.
    private mutating func refuse(_ token: SessionToken, _ id: OperationID, _ code: ErrorCode, _ message: String) {
        tell(token, .error(code, message, id))
        owe(token, reason: code.rawValue, rejected: id)
    }

    private func token(of client: ClientID, _ number: ConnectionNumber) -> SessionToken? {
        sessions.tokens(of: client).first { sessions[$0]?.number == number && sessions[$0]?.isJoined == true }
    }
}
