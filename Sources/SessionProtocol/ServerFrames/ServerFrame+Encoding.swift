import CollabModel
import Delta
public import JSON

extension ServerFrame {
    /// Writes the message as one JSON object.
    public func write(to writer: inout JSONWriter) {
        typealias Encoding = ServerFrameEncoding
        switch self {
        case .initial(let opening): Encoding.initial(opening, content: opening.content.jsonUTF8, to: &writer)
        case .resync(let resync): Encoding.resync(resync, content: resync.content.jsonUTF8, to: &writer)
        case .catchUp(let catchUp):
            Encoding.catchUp(catchUp, to: &writer) { writer in
                for operation in catchUp.operations { operation.write(to: &writer) }
            }
        case .ack(let id, let version, let digest): Encoding.ack(id, version, digest, to: &writer)
        case .operations(let operations):
            if let operation = operations.first, operations.count == 1 {
                var item = JSONWriter()
                operation.write(to: &item)
                writer.raw(Encoding.operationStart + item.bytes.dropFirst())
            } else {
                Encoding.begin("operations", &writer)
                writer.key("operations")
                writer.beginArray()
                for operation in operations { operation.write(to: &writer) }
                writer.endArray()
                writer.endObject()
            }
        case .cursor(let client, let version, let position): Encoding.cursor(client, version, position, to: &writer)
        case .selection(let client, let version, let range): Encoding.selection(client, version, range, to: &writer)
        case .clientJoined(let client): Encoding.clientJoined(client, to: &writer)
        case .clientLeft(let client): Encoding.clientLeft(client, to: &writer)
        case .permission(let permission): Encoding.permission(permission, to: &writer)
        case .comment(let event, let comment): Encoding.comment(event, comment, to: &writer)
        case .degraded(let message): Encoding.degraded(message, to: &writer)
        case .restored(let message): Encoding.restored(message, to: &writer)
        case .error(let code, let message, let id):
            Encoding.error(FrameError(code, message, operationID: id), to: &writer)
        case .pong: Encoding.pong(to: &writer)
        case .unknown(let type):
            writer.beginObject()
            writer.key("type")
            writer.string(type)
            writer.endObject()
        }
    }

    /// The message as UTF-8.
    public var jsonUTF8: [UInt8] {
        var writer = JSONWriter(capacity: 256)
        write(to: &writer)
        return writer.bytes
    }
}

extension RemoteOperation {
    func write(to writer: inout JSONWriter) {
        ServerFrameEncoding.operationItem(
            clientID, userID, version, operationID: operationID, encoded: delta.jsonUTF8, to: &writer)
    }
}
