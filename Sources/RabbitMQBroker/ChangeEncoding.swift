internal import AMQPClient
internal import CollabModel
internal import DocumentCore
internal import JSON
internal import RuntimePorts

/// What a change looks like as a message.
enum ChangeEncoding {
    static let contentType = "application/json"

    /// The message of a change. Its id and its body but for the timestamp are the same whenever it is sent again.
    ///
    /// - Parameters:
    ///   - node: who publishes it.
    ///   - timestampMilliseconds: when, in milliseconds since 1970.
    static func message(_ change: Change, from node: NodeID, at timestampMilliseconds: Int64) -> AMQPMessage {
        AMQPMessage(
            routingKey: "doc.\(change.document)", id: "\(change.document)-\(change.operation.version)",
            contentType: contentType, timestampSeconds: UInt64(max(0, timestampMilliseconds) / 1_000),
            body: body(change, from: node, at: timestampMilliseconds))
    }

    private static func body(_ change: Change, from node: NodeID, at timestampMilliseconds: Int64) -> [UInt8] {
        let operation = change.operation
        var writer = JSONWriter(capacity: 384 + operation.encodedDelta.count)
        writer.beginObject()
        writer.key("documentId")
        writer.string(change.document.description)
        writer.key("version")
        writer.int(operation.version.value)
        writer.key("epoch")
        writer.int(operation.epoch.value)
        writer.key("clientId")
        writer.string(operation.clientID.description)
        writer.key("userId")
        writer.string(operation.userID.text)
        writer.key("operationId")
        writer.string(operation.operationID.text)
        writer.key("operation")
        writer.raw(operation.encodedDelta)
        writer.key("serverId")
        writer.string(node.text)
        writer.key("timestamp")
        writer.int(timestampMilliseconds)
        writer.endObject()
        return writer.bytes
    }
}
