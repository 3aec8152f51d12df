import CollabModel
import Delta
import DocumentCore
import JSON
import RuntimePorts
import SessionProtocol

/// Gives the runtime's events the form of the client protocol.
enum EventEncoding {
    /// Operations as items of an `operations` message, separated by commas.
    static func items(
        _ operations: some Collection<CommittedOperation>, withOperationIDs: Bool = false
    ) -> [UInt8] {
        let bytes = operations.reduce(0) { $0 + $1.encodedDelta.count + 160 }
        var writer = JSONWriter(capacity: bytes)
        write(operations, withOperationIDs: withOperationIDs, to: &writer)
        return writer.bytes
    }

    private static func write(
        _ operations: some Collection<CommittedOperation>, withOperationIDs: Bool, to writer: inout JSONWriter
    ) {
        for operation in operations {
            ServerFrameEncoding.operationItem(
                operation.clientID, operation.userID, operation.version,
                operationID: withOperationIDs ? operation.operationID : nil, encoded: operation.encodedDelta,
                to: &writer)
        }
    }

    static func write(_ event: SessionEvent, _ limits: SessionLimits, to writer: inout JSONWriter) {
        switch event {
        case .initial(let state):
            let opening = ServerFrame.Opening(
                clientID: state.clientID, version: state.version, content: Delta(), clients: people(state.clients),
                permission: state.permission, digest: state.digest, limits: limits,
                lastOperationID: state.lastOperationID)
            ServerFrameEncoding.initial(opening, content: state.content.delta.jsonUTF8, to: &writer)
        case .catchUp(let client, let version, let operations, let clients, let permission, let digest, let head):
            let catchUp = ServerFrame.CatchUp(
                clientID: client, version: version, operations: [], clients: people(clients), permission: permission,
                digest: digest, head: head, limits: limits)
            ServerFrameEncoding.catchUp(catchUp, to: &writer) { writer in
                write(operations, withOperationIDs: true, to: &writer)
            }
        case .clientJoined(let client): ServerFrameEncoding.clientJoined(person(client), to: &writer)
        case .clientLeft(let client): ServerFrameEncoding.clientLeft(person(client), to: &writer)
        case .permission(let permission): ServerFrameEncoding.permission(permission, to: &writer)
        case .degraded(let message): ServerFrameEncoding.degraded(message, to: &writer)
        case .restored: ServerFrameEncoding.restored("edits are durable again", to: &writer)
        case .pong: ServerFrameEncoding.pong(to: &writer)
        case .resync(let state, let reason, let rejected): resync(state, reason, rejected, limits, to: &writer)
        case .acknowledged(let id, let version, let digest): ServerFrameEncoding.ack(id, version, digest, to: &writer)
        case .error(let code, let message, let id):
            ServerFrameEncoding.error(FrameError(code, message, operationID: id), to: &writer)
        case .commits, .catchUpOperations, .presence:
            preconditionFailure("an event of several messages is taken apart by the session")
        }
    }

    static func resync(
        _ state: SessionState, _ reason: String, _ rejected: OperationID?, _ limits: SessionLimits,
        to writer: inout JSONWriter
    ) {
        let resync = ServerFrame.Resync(
            version: state.version, content: Delta(), digest: state.digest, reason: reason,
            lastOperationID: state.lastOperationID, rejected: rejected, clientID: state.clientID,
            clients: people(state.clients), permission: state.permission, limits: limits)
        ServerFrameEncoding.resync(resync, content: state.content.delta.jsonUTF8, to: &writer)
    }

    private static func people(_ clients: [ClientEntry]) -> [ClientDescription] { clients.map(person) }

    private static func person(_ client: ClientEntry) -> ClientDescription {
        ClientDescription(clientID: client.clientID, profile: client.profile, presence: client.presence)
    }
}
