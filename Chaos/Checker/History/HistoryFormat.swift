/// The name of the format, and the events that it has.
package enum HistoryFormat {
    /// What the first line says.
    package static let name = "collab.history.v1"
    /// The longest line that is read, in bytes: one holds a whole document at most.
    package static let maximumLineLength = 256 << 20
}

/// The events by the names that they have in a line, each with the fields that it must and may have.
enum HistoryEventName: String, CaseIterable {
    case document, open, close, submit, ack, operation, operations, `init`, catchup, resync, error, degraded, restored
    case permission, presence, access, answer, read, content, fault, recovery, row, head

    /// The fields that have to be there, beside `at` and `event`.
    var required: HistoryFields {
        switch self {
        case .document: [.document, .content]
        case .open: [.session, .document, .user]
        case .close, .degraded, .restored: [.session]
        case .submit: [.session, .operationID, .version, .operation]
        case .ack: [.session, .operationID, .version]
        case .operation: [.session, .client, .version, .operation]
        case .operations: [.session, .operations]
        case .`init`: [.session, .client, .version, .content]
        case .catchup: [.session, .client, .asked, .operations, .head]
        case .resync: [.session, .version, .content]
        case .error: [.code]
        case .permission: [.session, .permission]
        case .presence: [.session, .client, .version]
        case .access: [.request, .document, .user, .permission]
        case .answer: [.request, .status]
        case .read: [.document, .user, .askedAt, .version, .content]
        case .content: [.session, .version]
        case .fault: [.fault, .kind, .targets]
        case .recovery: [.fault]
        case .row: [.document, .version, .epoch, .client, .operationID, .operation]
        case .head: [.document, .epoch, .head]
        }
    }

    /// The fields that may be there.
    var optional: HistoryFields {
        switch self {
        case .open: [.node, .client]
        case .close: [.code]
        case .ack: [.digest]
        case .operation: [.operationID]
        case .`init`: [.digest, .permission, .lastOperationID]
        case .catchup: [.digest, .permission]
        case .resync: [.client, .digest, .permission, .lastOperationID, .rejected]
        case .error: [.session, .document, .operationID]
        case .content: [.digest, .content]
        case .row: [.digest, .committedAt, .reading]
        case .head: [.reading]
        case .document, .degraded, .restored, .submit, .operations, .permission, .presence, .access, .answer, .read,
            .fault, .recovery:
            []
        }
    }
}

/// The fields of events, as a set.
struct HistoryFields: OptionSet {
    let rawValue: UInt64

    static let at = field(0), event = field(1), session = field(2), document = field(3), user = field(4)
    static let node = field(5), client = field(6), code = field(7), operationID = field(8), version = field(9)
    static let operation = field(10), operations = field(11), content = field(12), digest = field(13)
    static let permission = field(14), lastOperationID = field(15), rejected = field(16), asked = field(17)
    static let head = field(18), request = field(19), status = field(20), askedAt = field(21), fault = field(22)
    static let kind = field(23), targets = field(24), epoch = field(25), committedAt = field(26), reading = field(27)
    static let note = field(28)

    private static func field(_ bit: UInt64) -> HistoryFields { HistoryFields(rawValue: 1 << bit) }

    /// The names in a line, each at the place of its bit.
    static let names = [
        "at", "event", "session", "document", "user", "node", "client", "code", "operationId", "version", "operation",
        "operations", "content", "digest", "permission", "lastOperationId", "rejected", "asked", "head", "request",
        "status", "askedAt", "fault", "kind", "targets", "epoch", "committedAt", "reading", "note",
    ]

    /// The name of the first field in the set.
    var firstName: String { isEmpty ? "" : Self.names[rawValue.trailingZeroBitCount] }
}
