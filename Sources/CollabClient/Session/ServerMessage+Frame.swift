import CollabModel
import Delta
import DocumentCore
import SessionProtocol

// The wire's messages in the form in which the client machine takes them, and back.

extension ServerMessage {
    init(_ frame: ServerFrame) {
        switch frame {
        case .initial(let opening):
            self = .initial(
                WholeDocument(
                    version: opening.version, content: opening.content, digest: opening.digest,
                    lastOperationID: opening.lastOperationID,
                    session: SessionFacts(
                        clientID: opening.clientID, clients: opening.clients.map(ClientEntry.init),
                        permission: opening.permission, operationBytes: opening.limits.operationBytes)))
        case .catchUp(let catchUp):
            self = .catchUp(
                DocumentCore.CatchUp(
                    version: catchUp.version, operations: catchUp.operations.map(DocumentCore.RemoteOperation.init),
                    digest: catchUp.digest, head: catchUp.head,
                    session: SessionFacts(
                        clientID: catchUp.clientID, clients: catchUp.clients.map(ClientEntry.init),
                        permission: catchUp.permission, operationBytes: catchUp.limits.operationBytes)))
        case .ack(let id, let version, let digest): self = .acknowledged(id, version, digest)
        case .operations(let operations): self = .operations(operations.map(DocumentCore.RemoteOperation.init))
        case .cursor(let client, let version, let position): self = .cursor(client, version, position)
        case .selection(let client, let version, let range): self = .selection(client, version, range)
        case .clientJoined(let client): self = .clientJoined(ClientEntry(client))
        case .clientLeft(let client): self = .clientLeft(client.clientID)
        case .resync(let resync): self = .init(resync)
        case .permission(let permission): self = .permission(permission)
        case .degraded(let message): self = .degraded(message)
        case .restored: self = .restored
        case .error(let code, let message, let id): self = .error(code, message, id)
        case .comment, .pong, .unknown: self = .signOfLife
        }
    }

    private init(_ resync: ServerFrame.Resync) {
        var session: SessionFacts?
        if let client = resync.clientID, let permission = resync.permission {
            session = SessionFacts(
                clientID: client, clients: (resync.clients ?? []).map(ClientEntry.init), permission: permission,
                operationBytes: resync.limits?.operationBytes)
        }
        self = .resync(
            WholeDocument(
                version: resync.version, content: resync.content, digest: resync.digest,
                lastOperationID: resync.lastOperationID, session: session),
            reason: resync.reason, rejected: resync.rejected)
    }
}

extension ClientEntry {
    init(_ client: ClientDescription) {
        self.init(clientID: client.clientID, profile: client.profile, presence: client.presence)
    }
}

extension DocumentCore.RemoteOperation {
    init(_ operation: SessionProtocol.RemoteOperation) {
        self.init(
            clientID: operation.clientID, operationID: operation.operationID, version: operation.version,
            delta: operation.delta)
    }
}
