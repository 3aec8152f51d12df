import CollabModel
import Delta
import JSON

/// An operation as the log tells it (HTTPAPI.md, "Documents").
struct LogRow: Sendable {
    var version: Version
    var clientID: ClientID
    var operationID: OperationID
    var digest: Digest?
    var delta: Delta

    /// Reads `{"items": […]}`.
    static func page(_ reader: inout JSONReader) throws -> [LogRow] {
        var rows: [LogRow] = []
        try reader.beginObject()
        while let key = try reader.nextKey() {
            guard key == "items" else {
                try reader.skipValue()
                continue
            }
            try reader.beginArray()
            while try reader.nextElement() { rows.append(try LogRow(&reader)) }
        }
        return rows
    }

    private init(_ reader: inout JSONReader) throws {
        var version: Version?
        var clientID: ClientID?
        var operationID: OperationID?
        var delta: Delta?
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "version": version = Version(Int64(try reader.readInt()))
            case "clientId": clientID = ClientID(try reader.readString())
            case "operationId": operationID = OperationID(try reader.readString())
            case "digest": digest = Digest(try reader.readString())
            case "operation": delta = try Delta(reading: &reader)
            default: try reader.skipValue()
            }
        }
        guard let version, let clientID, let operationID, let delta else {
            throw LoadError("an operation of the log lacks version, clientId, operationId or operation")
        }
        self.version = version
        self.clientID = clientID
        self.operationID = operationID
        self.delta = delta
    }

    init(version: Version, clientID: ClientID, operationID: OperationID, digest: Digest?, delta: Delta) {
        self.version = version
        self.clientID = clientID
        self.operationID = operationID
        self.digest = digest
        self.delta = delta
    }
}
