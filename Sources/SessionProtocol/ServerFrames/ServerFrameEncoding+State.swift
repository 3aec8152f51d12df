import CollabModel
import Delta
public import JSON

// The messages that carry the state of a document.

extension ServerFrameEncoding {
    /// Writes `init`. `content` is the JSON array of the document's inserts.
    public static func initial(_ opening: ServerFrame.Opening, content: [UInt8], to writer: inout JSONWriter) {
        begin("init", &writer)
        writer.key("clientId")
        writer.identifier(opening.clientID.value)
        state(opening.version, content, opening.digest, &writer)
        people(opening.clients, opening.permission, opening.limits, &writer)
        last(opening.lastOperationID, &writer)
        writer.endObject()
    }

    /// Writes `resync`. `content` is the JSON array of the document's inserts.
    public static func resync(_ resync: ServerFrame.Resync, content: [UInt8], to writer: inout JSONWriter) {
        begin("resync", &writer)
        state(resync.version, content, resync.digest, &writer)
        writer.key("reason")
        writer.string(resync.reason)
        last(resync.lastOperationID, &writer)
        if let rejected = resync.rejected {
            writer.key("rejected")
            writer.string(rejected.text)
        }
        if let client = resync.clientID {
            writer.key("clientId")
            writer.identifier(client.value)
        }
        if let clients = resync.clients, let permission = resync.permission, let limits = resync.limits {
            people(clients, permission, limits, &writer)
        }
        writer.endObject()
    }

    /// Writes `catchup`; `items` writes its operations with ``operationItem(_:_:_:operationID:encoded:to:)``.
    public static func catchUp(
        _ catchUp: ServerFrame.CatchUp, to writer: inout JSONWriter, items: (inout JSONWriter) -> Void
    ) {
        begin("catchup", &writer)
        writer.key("clientId")
        writer.identifier(catchUp.clientID.value)
        writer.key("version")
        writer.int(catchUp.version.value)
        writer.key("operations")
        writer.beginArray()
        items(&writer)
        writer.endArray()
        people(catchUp.clients, catchUp.permission, catchUp.limits, &writer)
        writer.key("digest")
        writer.digest(catchUp.digest)
        writer.key("head")
        writer.int(catchUp.head.value)
        writer.endObject()
    }

    private static func state(_ version: Version, _ content: [UInt8], _ digest: Digest, _ writer: inout JSONWriter) {
        writer.key("version")
        writer.int(version.value)
        writer.key("content")
        writer.raw(content)
        writer.key("digest")
        writer.digest(digest)
    }

    private static func people(
        _ clients: [ClientDescription], _ permission: Permission, _ limits: SessionLimits, _ writer: inout JSONWriter
    ) {
        writer.key("clients")
        writer.beginArray()
        for client in clients {
            writer.beginArray()
            writer.identifier(client.clientID.value)
            writer.beginObject()
            profile(client.profile, &writer)
            writer.key("cursor")
            writer.position(client.presence.cursor)
            writer.key("selection")
            writer.selection(client.presence.selection)
            writer.endObject()
            writer.endArray()
        }
        writer.endArray()
        writer.key("permission")
        writer.string(permission.description)
        writer.key("limits")
        limits.write(to: &writer)
    }

    private static func last(_ id: OperationID?, _ writer: inout JSONWriter) {
        writer.key("lastOperationId")
        writer.string(orNull: id?.text)
    }
}
