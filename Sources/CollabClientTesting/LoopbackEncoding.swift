import CollabModel
import Delta
import DocumentCore
import JSON
import SessionProtocol

/// Gives the machines' events the form of the client protocol.
enum LoopbackEncoding {
    static let anonymous: UserID = {
        guard let user = UserID("anonymous") else { preconditionFailure("a valid user id") }
        return user
    }()
    static let foreign: OperationID = {
        guard let id = OperationID("foreign") else { preconditionFailure("a valid operation id") }
        return id
    }()

    static func operations(_ operations: some Collection<CommittedOperation>, withOperationIDs: Bool) -> [UInt8] {
        var writer = JSONWriter(capacity: 64 + operations.reduce(0) { $0 + $1.encodedDelta.count + 160 })
        writer.beginObject()
        writer.key("type")
        writer.string("operations")
        writer.key("operations")
        writer.beginArray()
        items(operations, withOperationIDs: withOperationIDs, to: &writer)
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }

    private static func items(
        _ operations: some Collection<CommittedOperation>, withOperationIDs: Bool, to writer: inout JSONWriter
    ) {
        for operation in operations {
            ServerFrameEncoding.operationItem(
                operation.clientID, operation.userID, operation.version,
                operationID: withOperationIDs ? operation.operationID : nil, encoded: operation.encodedDelta,
                to: &writer)
        }
    }

    /// The messages that an event is for the session of a client, in order.
    static func messages(_ event: SessionEvent, to client: ClientID) -> [[UInt8]] {
        switch event {
        case .commits(let operations): commits(operations, to: client)
        case .catchUpOperations(let portion): portion.isEmpty ? [] : [operations(portion, withOperationIDs: true)]
        case .catchUp(let client, let version, let operations, let clients, let permission, let digest, let head):
            [
                message { writer in
                    let catchUp = ServerFrame.CatchUp(
                        clientID: client, version: version, operations: [], clients: people(clients),
                        permission: permission, digest: digest, head: head, limits: SessionLimits())
                    ServerFrameEncoding.catchUp(catchUp, to: &writer) { writer in
                        items(operations, withOperationIDs: true, to: &writer)
                    }
                }
            ]
        case .initial(let state):
            [
                ServerFrame.initial(
                    ServerFrame.Opening(
                        clientID: state.clientID, version: state.version, content: state.content.delta,
                        clients: people(state.clients), permission: state.permission, digest: state.digest,
                        limits: SessionLimits(), lastOperationID: state.lastOperationID)
                ).jsonUTF8
            ]
        case .resync(let state, let reason, let rejected):
            [
                ServerFrame.resync(
                    ServerFrame.Resync(
                        version: state.version, content: state.content.delta, digest: state.digest, reason: reason,
                        lastOperationID: state.lastOperationID, rejected: rejected, clientID: state.clientID,
                        clients: people(state.clients), permission: state.permission, limits: SessionLimits())
                ).jsonUTF8
            ]
        case .acknowledged(let id, let version, let digest): [ServerFrame.ack(id, version, digest).jsonUTF8]
        case .presence(let client, let version, let presence):
            [ServerFrame.cursor(client, version, presence.cursor).jsonUTF8]
                + (presence.selection == nil
                    ? [] : [ServerFrame.selection(client, version, presence.selection).jsonUTF8])
        case .clientJoined(let client): [ServerFrame.clientJoined(person(client)).jsonUTF8]
        case .clientLeft(let client): [ServerFrame.clientLeft(person(client)).jsonUTF8]
        case .permission(let permission): [ServerFrame.permission(permission).jsonUTF8]
        case .degraded(let text): [ServerFrame.degraded(text).jsonUTF8]
        case .restored: [ServerFrame.restored("").jsonUTF8]
        case .error(let code, let text, let id): [ServerFrame.error(code, text, id).jsonUTF8]
        case .pong: [ServerFrame.pong.jsonUTF8]
        }
    }

    /// Own operations become acks, in version order between the others'.
    private static func commits(_ all: [CommittedOperation], to client: ClientID) -> [[UInt8]] {
        var result: [[UInt8]] = []
        var rest = all[...]
        while let first = rest.first {
            if first.clientID == client {
                result.append(ServerFrame.ack(first.operationID, first.version, first.digest).jsonUTF8)
                rest = rest.dropFirst()
            } else {
                let others = rest.prefix { $0.clientID != client }
                result.append(operations(others, withOperationIDs: false))
                rest = rest.dropFirst(others.count)
            }
        }
        return result
    }

    private static func message(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter(capacity: 256)
        write(&writer)
        return writer.bytes
    }

    private static func people(_ clients: [ClientEntry]) -> [ClientDescription] { clients.map(person) }

    private static func person(_ client: ClientEntry) -> ClientDescription {
        ClientDescription(clientID: client.clientID, profile: client.profile, presence: client.presence)
    }
}
