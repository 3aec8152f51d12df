internal import Delta
internal import JSON

extension JSONWriter {
    mutating func fields(of kind: HistoryEvent.Kind) {
        switch kind {
        case .opened, .closed, .submitted, .acknowledged, .seen, .failed, .degraded, .restored, .permission, .presence,
            .held:
            sessionFields(kind)
        case .initial(let whole), .resynced(let whole):
            wholeFields(whole)
        case .caughtUp(let catchUp):
            text("session", catchUp.session)
            text("client", catchUp.client)
            number("asked", catchUp.asked)
            number("head", catchUp.head)
            optional("digest", catchUp.digest)
            optionalText("permission", catchUp.permission?.rawValue)
            operations(catchUp.operations)
        case .document, .accessRequested, .accessAnswered, .read, .faultBegan, .faultEnded, .row, .head:
            surroundingFields(kind)
        }
    }

    private mutating func sessionFields(_ kind: HistoryEvent.Kind) {
        switch kind {
        case .opened(let opening):
            text("session", opening.session)
            text("document", opening.document)
            text("user", opening.user)
            optionalText("node", opening.node)
            optionalText("client", opening.client)
        case .closed(let closing):
            text("session", closing.session)
            if let code = closing.code { number("code", code) }
        case .submitted(let submission):
            text("session", submission.session)
            text("operationId", submission.operationID)
            number("version", submission.version)
            delta("operation", submission.operation)
        case .acknowledged(let ack):
            text("session", ack.session)
            text("operationId", ack.operationID)
            number("version", ack.version)
            optional("digest", ack.digest)
        case .seen(let broadcast):
            text("session", broadcast.session)
            if broadcast.operations.count == 1 {
                seen(broadcast.operations[0])
            } else {
                operations(broadcast.operations)
            }
        case .failed(let failure):
            optionalText("session", failure.session)
            optionalText("document", failure.document)
            text("code", failure.code)
            optionalText("operationId", failure.operationID)
        case .degraded(let session), .restored(let session):
            text("session", session)
        case .permission(let session, let permission):
            text("session", session)
            text("permission", permission.rawValue)
        case .presence(let session, let client, let version):
            text("session", session)
            text("client", client)
            number("version", version)
        case .held(let held):
            text("session", held.session)
            number("version", held.version)
            optional("digest", held.digest)
            if let content = held.content { delta("content", content) }
        default:
            break
        }
    }

    private mutating func surroundingFields(_ kind: HistoryEvent.Kind) {
        switch kind {
        case .document(let start):
            text("document", start.document)
            delta("content", start.content)
        case .accessRequested(let change):
            text("request", change.request)
            text("document", change.document)
            text("user", change.user)
            text("permission", change.permission.rawValue)
        case .accessAnswered(let request, let status):
            text("request", request)
            number("status", status)
        case .read(let read):
            text("document", read.document)
            text("user", read.user)
            number("askedAt", Int(read.askedAt))
            number("version", read.version)
            delta("content", read.content)
        case .faultBegan(let fault):
            text("fault", fault.fault)
            text("kind", fault.kind)
            key("targets")
            beginArray()
            for target in fault.targets { string(target) }
            endArray()
        case .faultEnded(let fault):
            text("fault", fault)
        case .row(let row):
            text("document", row.document)
            number("version", row.version)
            number("epoch", row.epoch)
            text("client", row.client)
            text("operationId", row.operationID)
            delta("operation", row.operation)
            optional("digest", row.digest)
            if let committedAt = row.committedAt { number("committedAt", Int(committedAt)) }
            if let reading = row.reading { number("reading", reading) }
        case .head(let head):
            text("document", head.document)
            number("epoch", head.epoch)
            number("head", head.head)
            if let reading = head.reading { number("reading", reading) }
        default:
            break
        }
    }

    private mutating func wholeFields(_ whole: HistoryEvent.WholeContent) {
        text("session", whole.session)
        optionalText("client", whole.client)
        number("version", whole.version)
        optional("digest", whole.digest)
        optionalText("permission", whole.permission?.rawValue)
        optionalText("lastOperationId", whole.lastOperationID)
        optionalText("rejected", whole.rejected)
        delta("content", whole.content)
    }

    private mutating func operations(_ operations: [HistoryEvent.SeenOperation]) {
        key("operations")
        beginArray()
        for operation in operations {
            beginObject()
            seen(operation)
            endObject()
        }
        endArray()
    }

    private mutating func seen(_ operation: HistoryEvent.SeenOperation) {
        text("client", operation.client)
        number("version", operation.version)
        optionalText("operationId", operation.operationID)
        delta("operation", operation.operation)
    }

    private mutating func text(_ name: StaticString, _ value: String) {
        key(name)
        string(value)
    }

    private mutating func optionalText(_ name: StaticString, _ value: String?) {
        if let value { text(name, value) }
    }

    private mutating func number(_ name: StaticString, _ value: Int) {
        key(name)
        int(value)
    }

    private mutating func optional(_ name: StaticString, _ digest: Digest?) {
        if let digest { text(name, digest.description) }
    }

    private mutating func delta(_ name: StaticString, _ delta: Delta) {
        key(name)
        delta.write(to: &self)
    }
}
