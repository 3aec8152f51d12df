import CollabModel
import Delta
import JSON

extension RemoteOperation {
    /// Reads `{clientId, userId, version, operation, operationId?}`.
    init(reading reader: inout JSONReader) throws(FrameError) {
        var clientID: ClientID?
        var userID: UserID?
        var version: Version?
        var delta: Delta?
        var operationID: OperationID?
        try reader.members { (key, reader) throws(FrameError) in
            switch key {
            case "clientId": clientID = try reader.clientID()
            case "userId": userID = try reader.userID()
            case "version": version = try reader.version()
            case "operation": delta = try reader.delta("operation")
            case "operationId": operationID = try reader.operationID()
            default: try reader.skip()
            }
        }
        guard let clientID, let userID, let version, let delta else {
            throw FrameError(.protocolError, "an operation lacks clientId, userId, version or operation")
        }
        self.init(clientID: clientID, userID: userID, version: version, delta: delta, operationID: operationID)
    }
}

extension ClientDescription {
    /// Reads `[clientId, {userId, name, color, cursor, selection}]`.
    init(reading reader: inout JSONReader) throws(FrameError) {
        var clientID: ClientID?
        var userID: UserID?
        var name = ""
        var color = ""
        var presence = Presence()
        try reader.each { (reader) throws(FrameError) in
            guard clientID != nil else {
                clientID = try reader.clientID()
                return
            }
            guard userID == nil else { throw FrameError(.protocolError, "clients: a pair has more than two elements") }
            try reader.members { (key, reader) throws(FrameError) in
                switch key {
                case "userId": userID = try reader.userID()
                case "name": name = try reader.text("name")
                case "color": color = try reader.text("color")
                case "cursor": presence.cursor = try reader.position("cursor")
                case "selection": presence.selection = try reader.selection("selection")
                default: try reader.skip()
                }
            }
        }
        guard let clientID, let userID else {
            throw FrameError(.protocolError, "clients: a pair lacks its client or user")
        }
        self.init(
            clientID: clientID, profile: ClientProfile(userID: userID, name: name, color: color), presence: presence)
    }
}
