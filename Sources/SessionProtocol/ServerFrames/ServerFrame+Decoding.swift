import CollabModel
import Delta
import JSON

extension ServerFrame {
    /// How deep a message may nest.
    public static let maximumDepth = 72

    /// Reads one message of a node. Fields that the protocol does not name are ignored, and so that a newer node can
    /// be understood, a message of an unknown type is ``unknown(type:)``.
    public init(decoding bytes: UnsafeBufferPointer<UInt8>) throws(FrameError) {
        var reader = JSONReader(bytes, maximumDepth: Self.maximumDepth)
        var fields = ServerFrameFields()
        try fields.read(from: &reader)
        do { try reader.finish() } catch { throw FrameError(error) }
        self = try fields.frame()
    }

    /// Reads one message of a node.
    public init(decoding bytes: [UInt8]) throws(FrameError) {
        self = try bytes.withUnsafeBufferPointer { (buffer) throws(FrameError) in try ServerFrame(decoding: buffer) }
    }
}

/// The fields of a node's message, in whatever order they came.
private struct ServerFrameFields {
    var type: String?
    var clientID: ClientID?
    var userID: UserID?
    var version: Version?
    var head: Version?
    var digest: Digest?
    var content: Delta?
    var operation: Delta?
    var operations: [RemoteOperation]?
    var clients: [ClientDescription]?
    var permission: Permission?
    var limits: SessionLimits?
    var operationID: OperationID?
    var lastOperationID: OperationID?
    var rejected: OperationID?
    var position: Int??
    var range: SelectionRange??
    var name: String?
    var color: String?
    var reason: String?
    var message: String?
    var code: ErrorCode?
    var event: String?
    var comment: JSONValue?

    mutating func read(from reader: inout JSONReader) throws(FrameError) {
        try reader.members { (key, reader) throws(FrameError) in
            switch key {
            case "type": type = try reader.text("type")
            case "clientId": clientID = try reader.clientID()
            case "userId": userID = try reader.userID()
            case "version": version = try reader.version()
            case "head": head = try reader.version("head")
            case "digest": digest = try reader.digest()
            case "content": content = try reader.delta("content")
            case "operation": operation = try reader.delta("operation")
            case "operations": operations = try Self.operations(&reader)
            case "clients": clients = try Self.clients(&reader)
            case "permission": permission = try reader.permission()
            case "operationId": operationID = try reader.operationID()
            case "lastOperationId": lastOperationID = try reader.optionalOperationID("lastOperationId")
            case "rejected": rejected = try reader.optionalOperationID("rejected")
            default: try readRest(key, &reader)
            }
        }
    }

    private mutating func readRest(_ key: JSONKey, _ reader: inout JSONReader) throws(FrameError) {
        switch key {
        case "limits":
            limits = try reader.field("limits") { (reader) throws(JSONError) in try SessionLimits(reading: &reader) }
        case "position": position = .some(try reader.position("position"))
        case "range": range = .some(try reader.selection("range"))
        case "name": name = try reader.text("name")
        case "color": color = try reader.text("color")
        case "reason": reason = try reader.text("reason")
        case "message": message = try reader.text("message")
        case "code":
            code = try reader.field("code") { (reader) throws(JSONError) in ErrorCode(rawValue: try reader.readString())
            }
        case "event": event = try reader.text("event")
        case "comment":
            comment = try reader.field("comment") { (reader) throws(JSONError) in try reader.readValue() }
        default: try reader.skip()
        }
    }

    func frame() throws(FrameError) -> ServerFrame {
        let type = try required(type, "type")
        switch type {
        case "operations": return .operations(try required(operations, "operations"))
        case "operation": return .operations([try remoteOperation()])
        case "ack":
            return .ack(
                try required(operationID, "operationId"), try required(version, "version"),
                try required(digest, "digest"))
        case "cursor":
            return .cursor(
                try required(clientID, "clientId"), try required(version, "version"), try required(position, "position")
            )
        case "selection":
            return .selection(
                try required(clientID, "clientId"), try required(version, "version"), try required(range, "range"))
        case "init": return .initial(try opening())
        case "catchup": return .catchUp(try catchUp())
        case "resync": return .resync(try resync())
        case "client_join": return .clientJoined(try client())
        case "client_leave": return .clientLeft(try client())
        case "permission": return .permission(try required(permission, "permission"))
        case "comment": return .comment(event: try required(event, "event"), try required(comment, "comment"))
        case "degraded": return .degraded(message ?? "")
        case "restored": return .restored(message ?? "")
        case "error": return .error(try required(code, "code"), message ?? "", operationID)
        case "pong": return .pong
        default: return .unknown(type: type)
        }
    }

    private func required<Value>(_ value: Value?, _ name: StaticString) throws(FrameError) -> Value {
        guard let value else { throw FrameError(.protocolError, "\(name) is missing") }
        return value
    }

    func remoteOperation() throws(FrameError) -> RemoteOperation {
        RemoteOperation(
            clientID: try required(clientID, "clientId"), userID: try required(userID, "userId"),
            version: try required(version, "version"), delta: try required(operation, "operation"),
            operationID: operationID)
    }

    private func client() throws(FrameError) -> ClientDescription {
        ClientDescription(
            clientID: try required(clientID, "clientId"),
            profile: ClientProfile(
                userID: try required(userID, "userId"), name: name ?? "", color: color ?? ""))
    }

    private func opening() throws(FrameError) -> ServerFrame.Opening {
        ServerFrame.Opening(
            clientID: try required(clientID, "clientId"), version: try required(version, "version"),
            content: try required(content, "content"), clients: clients ?? [],
            permission: try required(permission, "permission"), digest: try required(digest, "digest"),
            limits: limits ?? SessionLimits(), lastOperationID: lastOperationID)
    }

    private func catchUp() throws(FrameError) -> ServerFrame.CatchUp {
        ServerFrame.CatchUp(
            clientID: try required(clientID, "clientId"), version: try required(version, "version"),
            operations: try required(operations, "operations"), clients: clients ?? [],
            permission: try required(permission, "permission"), digest: try required(digest, "digest"),
            head: try required(head, "head"), limits: limits ?? SessionLimits())
    }

    private func resync() throws(FrameError) -> ServerFrame.Resync {
        ServerFrame.Resync(
            version: try required(version, "version"), content: try required(content, "content"),
            digest: try required(digest, "digest"), reason: reason ?? "", lastOperationID: lastOperationID,
            rejected: rejected, clientID: clientID, clients: clients, permission: permission, limits: limits)
    }

    private static func operations(_ reader: inout JSONReader) throws(FrameError) -> [RemoteOperation] {
        var operations = [RemoteOperation]()
        try reader.each { (reader) throws(FrameError) in operations.append(try RemoteOperation(reading: &reader)) }
        return operations
    }

    private static func clients(_ reader: inout JSONReader) throws(FrameError) -> [ClientDescription] {
        var clients = [ClientDescription]()
        try reader.each { (reader) throws(FrameError) in clients.append(try ClientDescription(reading: &reader)) }
        return clients
    }
}
