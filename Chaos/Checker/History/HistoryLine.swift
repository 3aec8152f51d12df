internal import Delta
internal import JSON

/// The fields of a line, in whatever order they came.
struct HistoryLine {
    private(set) var present: HistoryFields = []
    private(set) var name: HistoryEventName?
    private(set) var at: Int64 = 0
    private(set) var texts: [HistoryFields.RawValue: String] = [:]
    private(set) var session = ""
    private(set) var document = ""
    private(set) var client = ""
    private(set) var operationID = ""
    private(set) var version = 0
    private(set) var epoch = 0
    private(set) var head = 0
    private(set) var asked = 0
    private(set) var askedAt: Int64 = 0
    private(set) var committedAt: Int64 = 0
    private(set) var reading = 0
    private(set) var status = 0
    /// A number in `close`, a text in `error`: read when the event is known.
    private(set) var code: JSONValue = .null
    private(set) var permission = HistoryEvent.Permission.none
    private(set) var digest = Digest(rawValue: 0)
    private(set) var operation = Delta()
    private(set) var content = Delta()
    private(set) var operations: [HistoryEvent.SeenOperation] = []
    private(set) var targets: [String] = []

    mutating func read(_ reader: inout JSONReader) throws(HistoryFault.Reason) {
        do {
            try reader.beginObject()
            while let key = try reader.nextKey() {
                guard let field = HistoryFields(key) else { throw HistoryFault.Reason.unknownField(key.string) }
                guard present.insert(field).inserted else { throw HistoryFault.Reason.doubled(field.firstName) }
                try read(field, &reader)
            }
            try reader.finish()
        } catch let error as HistoryFault.Reason {
            throw error
        } catch let error as JSONError {
            throw .json(error)
        } catch {
            preconditionFailure("a reader throws nothing else: \(error)")
        }
    }

    private mutating func read(_ field: HistoryFields, _ reader: inout JSONReader) throws {
        switch field {
        case .at: at = try Self.time(&reader, field)
        case .event:
            let text = try reader.readString()
            guard let name = HistoryEventName(rawValue: text) else { throw HistoryFault.Reason.unknownEvent(text) }
            self.name = name
        case .session: session = try Self.identifier(&reader, field)
        case .document: document = try Self.identifier(&reader, field)
        case .client: client = try Self.identifier(&reader, field)
        case .operationID: operationID = try Self.identifier(&reader, field)
        case .version: version = try Self.count(&reader, field)
        case .epoch: epoch = try Self.count(&reader, field)
        case .head: head = try Self.count(&reader, field)
        case .asked: asked = try Self.count(&reader, field)
        case .status: status = try Self.count(&reader, field)
        case .askedAt: askedAt = try Self.time(&reader, field)
        case .committedAt: committedAt = try Self.time(&reader, field)
        case .reading:
            reading = try Self.count(&reader, field)
            guard reading > 0 else { throw HistoryFault.Reason.invalid(field: "reading", expected: "above 0") }
        case .code: code = try reader.readValue()
        case .permission:
            guard let value = HistoryEvent.Permission(rawValue: try reader.readString()) else {
                throw HistoryFault.Reason.invalid(field: "permission", expected: "none, view, edit or admin")
            }
            permission = value
        case .digest:
            guard let value = Digest(try reader.readString()) else {
                throw HistoryFault.Reason.invalid(field: "digest", expected: "16 hexadecimal digits")
            }
            digest = value
        case .operation: operation = try Self.delta(&reader, field)
        case .content: content = try Self.delta(&reader, field)
        case .operations: operations = try Self.operations(&reader)
        case .targets:
            try reader.beginArray()
            while try reader.nextElement() { targets.append(try reader.readString()) }
        case .note: try reader.skipValue()
        default: texts[field.rawValue] = try Self.identifier(&reader, field)
        }
    }

    /// The value of a field that has no place of its own.
    func text(_ field: HistoryFields) -> String { texts[field.rawValue] ?? "" }

    // MARK: Values

    private static func identifier(_ reader: inout JSONReader, _ field: HistoryFields) throws -> String {
        let text = try reader.readString()
        guard !text.isEmpty else {
            throw HistoryFault.Reason.invalid(field: field.firstName, expected: "a text that is not empty")
        }
        return text
    }

    /// The largest version, epoch, head or status: sums of it cannot overflow.
    private static let largestCount = 1 << 48

    private static func count(_ reader: inout JSONReader, _ field: HistoryFields) throws -> Int {
        let value = try reader.readInt()
        guard value >= 0, value <= largestCount else {
            throw HistoryFault.Reason.invalid(field: field.firstName, expected: "from 0 to 2^48")
        }
        return value
    }

    private static func time(_ reader: inout JSONReader, _ field: HistoryFields) throws -> Int64 {
        Int64(try reader.readInt())
    }

    private static func delta(_ reader: inout JSONReader, _ field: HistoryFields) throws -> Delta {
        do {
            return try Delta(reading: &reader)
        } catch {
            throw HistoryFault.Reason.invalid(field: field.firstName, expected: "a delta (\(error))")
        }
    }

    private static func operations(_ reader: inout JSONReader) throws -> [HistoryEvent.SeenOperation] {
        var result: [HistoryEvent.SeenOperation] = []
        try reader.beginArray()
        while try reader.nextElement() {
            var item = HistoryLine()
            try reader.beginObject()
            while let key = try reader.nextKey() {
                guard let field = HistoryFields(key), HistoryFields.item.contains(field) else {
                    throw HistoryFault.Reason.unknownField("operations." + key.string)
                }
                guard item.present.insert(field).inserted else { throw HistoryFault.Reason.doubled(field.firstName) }
                try item.read(field, &reader)
            }
            let missing = HistoryFields.item.subtracting(item.present).subtracting(.operationID)
            guard missing.isEmpty else { throw HistoryFault.Reason.missing("operations." + missing.firstName) }
            result.append(item.seenOperation)
        }
        return result
    }

    /// The fields as an operation that a session was told of.
    var seenOperation: HistoryEvent.SeenOperation {
        HistoryEvent.SeenOperation(
            version: version, client: client, operation: operation,
            operationID: present.contains(.operationID) ? operationID : nil)
    }
}

extension HistoryFields {
    /// The fields of an item of `operations`.
    static let item: HistoryFields = [.version, .client, .operation, .operationID]

    init?(_ key: JSONKey) {
        switch key {
        case "at": self = .at
        case "event": self = .event
        case "session": self = .session
        case "operationId": self = .operationID
        case "version": self = .version
        case "operation": self = .operation
        case "client": self = .client
        case "digest": self = .digest
        case "document": self = .document
        case "epoch": self = .epoch
        case "operations": self = .operations
        case "content": self = .content
        case "permission": self = .permission
        case "lastOperationId": self = .lastOperationID
        case "rejected": self = .rejected
        case "asked": self = .asked
        case "head": self = .head
        case "user": self = .user
        case "node": self = .node
        case "code": self = .code
        case "request": self = .request
        case "status": self = .status
        case "askedAt": self = .askedAt
        case "fault": self = .fault
        case "kind": self = .kind
        case "targets": self = .targets
        case "committedAt": self = .committedAt
        case "reading": self = .reading
        case "note": self = .note
        default: return nil
        }
    }
}
