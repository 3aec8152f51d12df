public import CollabModel
public import Delta
public import JSON

/// Writes the messages of a node from their parts.
///
/// Operations and contents are given as the JSON that they are already, so that each is encoded once (architecture.md,
/// "Fan-out").
public enum ServerFrameEncoding {
    /// What comes before, between and after the items of ``operationItem(_:_:_:operationID:encoded:to:)`` in an
    /// `operations` message. A single item is an `operation` message when ``operationStart`` stands in the place of its
    /// first byte.
    public static let operationsStart = Array(#"{"type":"operations","operations":["#.utf8)
    public static let operationsEnd = Array("]}".utf8)
    public static let operationStart = Array(#"{"type":"operation","#.utf8)

    /// Writes one operation as it stands in a list: `{clientId, userId, version, operation}`.
    public static func operationItem(
        _ clientID: ClientID, _ userID: UserID, _ version: Version, operationID: OperationID? = nil, encoded: [UInt8],
        to writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.key("clientId")
        writer.identifier(clientID.value)
        writer.key("userId")
        writer.string(userID.text)
        writer.key("version")
        writer.int(version.value)
        if let operationID {
            writer.key("operationId")
            writer.string(operationID.text)
        }
        writer.key("operation")
        writer.raw(encoded)
        writer.endObject()
    }

    public static func ack(_ id: OperationID, _ version: Version, _ digest: Digest, to writer: inout JSONWriter) {
        begin("ack", &writer)
        writer.key("operationId")
        writer.string(id.text)
        writer.key("version")
        writer.int(version.value)
        writer.key("digest")
        writer.digest(digest)
        writer.endObject()
    }

    public static func cursor(_ client: ClientID, _ version: Version, _ position: Int?, to writer: inout JSONWriter) {
        begin("cursor", &writer)
        writer.key("clientId")
        writer.identifier(client.value)
        writer.key("version")
        writer.int(version.value)
        writer.key("position")
        writer.position(position)
        writer.endObject()
    }

    public static func selection(
        _ client: ClientID, _ version: Version, _ range: SelectionRange?, to writer: inout JSONWriter
    ) {
        begin("selection", &writer)
        writer.key("clientId")
        writer.identifier(client.value)
        writer.key("version")
        writer.int(version.value)
        writer.key("range")
        writer.selection(range)
        writer.endObject()
    }

    public static func clientJoined(_ client: ClientDescription, to writer: inout JSONWriter) {
        change("client_join", client, &writer)
    }

    public static func clientLeft(_ client: ClientDescription, to writer: inout JSONWriter) {
        change("client_leave", client, &writer)
    }

    public static func permission(_ permission: Permission, to writer: inout JSONWriter) {
        begin("permission", &writer)
        writer.key("permission")
        writer.string(permission.description)
        writer.endObject()
    }

    public static func comment(_ event: String, _ comment: JSONValue, to writer: inout JSONWriter) {
        begin("comment", &writer)
        writer.key("event")
        writer.string(event)
        writer.key("comment")
        writer.value(comment)
        writer.endObject()
    }

    public static func degraded(_ message: String, to writer: inout JSONWriter) { notice("degraded", message, &writer) }

    public static func restored(_ message: String, to writer: inout JSONWriter) { notice("restored", message, &writer) }

    public static func error(_ error: FrameError, to writer: inout JSONWriter) {
        begin("error", &writer)
        writer.key("code")
        writer.string(error.code.rawValue)
        writer.key("message")
        writer.string(error.message)
        if let id = error.operationID {
            writer.key("operationId")
            writer.string(id.text)
        }
        writer.endObject()
    }

    public static func pong(to writer: inout JSONWriter) {
        begin("pong", &writer)
        writer.endObject()
    }

    static func begin(_ type: StaticString, _ writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("type")
        writer.string("\(type)")
    }

    private static func notice(_ type: StaticString, _ message: String, _ writer: inout JSONWriter) {
        begin(type, &writer)
        writer.key("message")
        writer.string(message)
        writer.endObject()
    }

    private static func change(_ type: StaticString, _ client: ClientDescription, _ writer: inout JSONWriter) {
        begin(type, &writer)
        writer.key("clientId")
        writer.identifier(client.clientID.value)
        profile(client.profile, &writer)
        writer.endObject()
    }

    static func profile(_ profile: ClientProfile, _ writer: inout JSONWriter) {
        writer.key("userId")
        writer.string(profile.userID.text)
        writer.key("name")
        writer.string(profile.name)
        writer.key("color")
        writer.string(profile.color)
    }
}
