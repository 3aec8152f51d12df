internal import CollabModel
internal import DocumentCore

// What editors and nodes say to each other. `nil`: not worth a line.
extension Narrator {
    func words(_ message: ClientMessage) -> String? {
        switch message {
        case .operation(let id, let base, let delta, _): "operation \(id), based on \(base): \(delta)"
        case .resync: "resync"
        case .presence, .ping: nil
        }
    }

    func words(_ message: ServerMessage) -> String? {
        switch message {
        case .initial(let whole): "init, version \(whole.version): \(whole.content)"
        case .resync(let whole, let reason, let rejected):
            "resync (\(reason)), version \(whole.version): \(whole.content)"
                + (rejected.map { ", \($0) rejected" } ?? "")
                + (whole.lastOperationID.map { ", \($0) is in it" } ?? "")
        case .catchUp(let catchUp):
            "catchup to version \(catchUp.head)"
                + (catchUp.operations.isEmpty
                    ? ", nothing new" : ": " + catchUp.operations.map(words).joined(separator: "; "))
        case .acknowledged(let id, let version, _): "ack \(id), version \(version)"
        case .operations(let operations): operations.map(words).joined(separator: "; ")
        case .degraded(let message): "degraded: \(message)"
        case .restored: "restored"
        case .permission(let permission): "permission \(permission)"
        case .error(let code, let message, let id): "error \(code.rawValue)\(id.map { " of \($0)" } ?? ""): \(message)"
        case .cursor, .selection, .clientJoined, .clientLeft, .signOfLife: nil
        }
    }

    private func words(_ operation: RemoteOperation) -> String {
        "version \(operation.version) of \(name(operation.clientID)): \(operation.delta)"
    }
}
