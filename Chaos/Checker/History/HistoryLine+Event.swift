internal import Delta
internal import JSON

extension HistoryLine {
    /// The event that the fields make, none of them missing and none too many.
    func event() throws(HistoryFault.Reason) -> HistoryEvent {
        guard present.contains(.at) else { throw .missing("at") }
        guard let name else { throw .missing("event") }
        let missing = name.required.subtracting(present)
        guard missing.isEmpty else { throw .missing(missing.firstName) }
        let surplus = present.subtracting(name.required).subtracting(name.optional).subtracting([.at, .event, .note])
        guard surplus.isEmpty else { throw .unknownField(surplus.firstName) }
        return HistoryEvent(at: at, try kind(name))
    }

    private func kind(_ name: HistoryEventName) throws(HistoryFault.Reason) -> HistoryEvent.Kind {
        switch name {
        case .submit:
            .submitted(.init(session: session, operationID: operationID, version: version, operation: operation))
        case .ack:
            .acknowledged(
                .init(session: session, operationID: operationID, version: version, digest: ifPresent(.digest, digest)))
        case .operation: .seen(.init(session: session, [seenOperation]))
        case .operations: .seen(.init(session: session, operations))
        case .`init`: .initial(whole)
        case .resync: .resynced(whole)
        case .catchup:
            .caughtUp(
                .init(
                    session: session, client: client, asked: asked, operations: operations, head: head,
                    digest: ifPresent(.digest, digest), permission: ifPresent(.permission, permission)))
        case .open:
            .opened(
                .init(
                    session: session, document: document, user: text(.user), node: ifPresent(.node, text(.node)),
                    client: ifPresent(.client, client)))
        case .close: .closed(.init(session: session, code: try closeCode()))
        case .error:
            .failed(
                .init(
                    session: ifPresent(.session, session), document: ifPresent(.document, document),
                    code: try errorCode(), operationID: ifPresent(.operationID, operationID)))
        case .degraded: .degraded(session: session)
        case .restored: .restored(session: session)
        case .permission: .permission(session: session, permission)
        case .presence: .presence(session: session, client: client, version: version)
        case .content:
            .held(
                .init(
                    session: session, version: version, digest: ifPresent(.digest, digest),
                    content: ifPresent(.content, content)))
        case .document, .access, .answer, .read, .fault, .recovery, .row, .head: surrounding(name)
        }
    }

    private func surrounding(_ name: HistoryEventName) -> HistoryEvent.Kind {
        switch name {
        case .access:
            .accessRequested(
                .init(request: text(.request), document: document, user: text(.user), permission: permission))
        case .answer: .accessAnswered(request: text(.request), status: status)
        case .read:
            .read(
                .init(document: document, user: text(.user), askedAt: askedAt, version: version, content: content))
        case .fault: .faultBegan(.init(text(.fault), kind: text(.kind), targets: targets))
        case .recovery: .faultEnded(fault: text(.fault))
        case .row:
            .row(
                .init(
                    document: document, version: version, epoch: epoch, client: client, operationID: operationID,
                    operation: operation, digest: ifPresent(.digest, digest),
                    committedAt: ifPresent(.committedAt, committedAt), reading: ifPresent(.reading, reading)))
        case .head:
            .head(.init(document: document, epoch: epoch, head: head, reading: ifPresent(.reading, reading)))
        default:
            .document(.init(document, content: content))
        }
    }

    private var whole: HistoryEvent.WholeContent {
        HistoryEvent.WholeContent(
            session: session, client: ifPresent(.client, client), version: version, content: content,
            digest: ifPresent(.digest, digest), permission: ifPresent(.permission, permission),
            lastOperationID: ifPresent(.lastOperationID, text(.lastOperationID)),
            rejected: ifPresent(.rejected, text(.rejected)))
    }

    private func closeCode() throws(HistoryFault.Reason) -> Int? {
        guard present.contains(.code) else { return nil }
        guard let code = code.int else { throw .invalid(field: "code", expected: "a number") }
        return code
    }

    private func errorCode() throws(HistoryFault.Reason) -> String {
        guard let code = code.string else { throw .invalid(field: "code", expected: "a text") }
        return code
    }

    private func ifPresent<Value>(_ field: HistoryFields, _ value: Value) -> Value? {
        present.contains(field) ? value : nil
    }
}
