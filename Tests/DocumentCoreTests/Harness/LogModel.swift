import CollabModel
import Delta
import DocumentCore

/// What the log of one document promises: rows without a gap, written only under the present epoch, by compare-and-set of
/// the head (guarantees G1, G4, G5).
final class LogModel {
    private(set) var rows: [CommittedOperation] = []
    private(set) var epoch = Epoch.none
    var isReachable = true
    /// What is wrong with what was asked of it, so far.
    private(set) var violations: [String] = []

    var head: Version { Version(Int64(rows.count)) }

    func takeOver(believed: Epoch) -> Epoch? {
        guard epoch == believed else { return nil }
        epoch = epoch.next
        return epoch
    }

    /// `false`: refused, nothing was written.
    func append(_ operations: [CommittedOperation], epoch: Epoch) -> Bool {
        guard epoch == self.epoch, operations.first?.version == head.next else { return false }
        for operation in operations {
            if operation.version != head.next { violations.append("gap at \(operation.version)") }
            if find(operation.operationID, of: operation.clientID) != nil {
                violations.append("\(operation.operationID) of a client is applied twice (G3)")
            }
            if Array(operation.encodedDelta) != operation.delta.jsonUTF8 {
                violations.append("\(operation.version) is not encoded as it is")
            }
            rows.append(operation)
        }
        return true
    }

    func find(_ operation: OperationID, of client: ClientID) -> CommittedOperation? {
        rows.first { $0.operationID == operation && $0.clientID == client }
    }

    func last(of client: ClientID, through version: Version) -> OperationID? {
        rows.prefix(Int(version.value)).last { $0.clientID == client }?.operationID
    }

    func operations(after: Version, through: Version) -> [CommittedOperation] {
        guard after < through, through <= head else { return [] }
        return Array(rows[Int(after.value)..<Int(through.value)])
    }

    /// The document of a replay of the whole log; every row's digest is checked (G6).
    func replay() throws -> DocumentContent {
        var content = DocumentContent()
        for row in rows {
            try content.apply(row.delta)
            if content.digest != row.digest { violations.append("the digest of \(row.version) is wrong (G6)") }
        }
        return content
    }
}
