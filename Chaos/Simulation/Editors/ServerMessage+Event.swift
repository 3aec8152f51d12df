internal import CollabModel
internal import Delta
internal import DocumentCore

extension ServerMessage {
    /// What the gateway makes of an event of the runtime, as the client takes it (the encodings between are tested
    /// elsewhere).
    static func messages(of event: SessionEvent, for client: ClientID?) -> [ServerMessage] {
        switch event {
        case .initial(let state): [.initial(WholeDocument(state))]
        case .resync(let state, let reason, let rejected):
            [.resync(WholeDocument(state), reason: reason, rejected: rejected)]
        case .catchUp(let client, let version, let operations, let clients, let permission, let digest, let head):
            [
                .catchUp(
                    CatchUp(
                        version: version, operations: operations.map { RemoteOperation($0, withID: true) },
                        digest: digest, head: head,
                        session: SessionFacts(
                            clientID: client, clients: clients, permission: permission, operationBytes: nil)))
            ]
        case .commits(let operations): commits(operations, for: client)
        case .catchUpOperations(let operations):
            operations.isEmpty ? [] : [.operations(operations.map { RemoteOperation($0, withID: true) })]
        case .acknowledged(let id, let version, let digest): [.acknowledged(id, version, digest)]
        case .presence(let client, let version, let presence): places(client, version, presence)
        case .clientJoined(let entry): [.clientJoined(entry)]
        case .clientLeft(let entry): [.clientLeft(entry.clientID)]
        case .permission(let permission): [.permission(permission)]
        case .degraded(let message): [.degraded(message)]
        case .restored: [.restored]
        case .error(let code, let message, let id): [.error(code, message, id)]
        case .pong: [.signOfLife]
        }
    }

    /// Own operations become acks, in version order between the others'.
    private static func commits(_ operations: [CommittedOperation], for client: ClientID?) -> [ServerMessage] {
        var messages: [ServerMessage] = []
        var others: [RemoteOperation] = []
        for operation in operations {
            guard operation.clientID == client else {
                others.append(RemoteOperation(operation, withID: false))
                continue
            }
            if !others.isEmpty { messages.append(.operations(others)) }
            others = []
            messages.append(.acknowledged(operation.operationID, operation.version, operation.digest))
        }
        if !others.isEmpty { messages.append(.operations(others)) }
        return messages
    }

    private static func places(_ client: ClientID, _ version: Version, _ presence: Presence) -> [ServerMessage] {
        var messages: [ServerMessage] = []
        if presence.cursor != nil || presence.selection == nil {
            messages.append(.cursor(client, version, presence.cursor))
        }
        if let range = presence.selection { messages.append(.selection(client, version, range)) }
        return messages
    }
}

extension WholeDocument {
    init(_ state: SessionState) {
        self.init(
            version: state.version, content: state.content.delta, digest: state.digest,
            lastOperationID: state.lastOperationID,
            session: SessionFacts(
                clientID: state.clientID, clients: state.clients, permission: state.permission, operationBytes: nil))
    }
}

extension RemoteOperation {
    init(_ operation: CommittedOperation, withID: Bool) {
        self.init(
            clientID: operation.clientID, operationID: withID ? operation.operationID : nil,
            version: operation.version, delta: operation.delta)
    }
}
