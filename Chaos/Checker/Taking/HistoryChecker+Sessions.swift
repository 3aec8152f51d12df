internal import Delta

// What sessions send and are told, version by version (G4), and what G9 forbids to tell them.
extension HistoryChecker {
    mutating func open(_ opening: HistoryEvent.Opening, _ at: Int64) throws(HistoryFault.Reason) {
        let document = try document(opening.document)
        let user = documents[document].user(opening.user)
        var session = SessionRecord(
            name: opening.session, document: document, user: user, node: meter.node(opening.node), openedAt: at,
            openedLine: line, headWhenOpened: documents[document].acknowledgedHead)
        if let name = opening.client {
            let client = documents[document].client(name)
            documents[document].clients[client].user = user
            session.client = client
            session.floor = documents[document].clients[client].seen
        }
        try add(session)
    }

    mutating func close(_ closing: HistoryEvent.Closing) throws(HistoryFault.Reason) {
        let session = try session(closing.session)
        for _ in sessions[session].unanswered {
            meter.withdraw(document: sessions[session].document, node: sessions[session].node)
        }
        sessions[session].unanswered = []
        sessions[session].isOpen = false
    }

    mutating func submit(_ submission: HistoryEvent.Submission, _ at: Int64) throws(HistoryFault.Reason) {
        let session = try startedSession(submission.session)
        guard let client = sessions[session].client else { throw .noFirstMessage(session: submission.session) }
        counts.submissions += 1
        let document = sessions[session].document
        let operation = documents[document].operation(submission.operationID, of: client)
        if documents[document].operations[operation].first == nil, let permission = sessions[session].permission {
            documents[document].operations[operation].isWithoutEdit = permission < .edit
        }
        documents[document].operations[operation].send(
            base: submission.version, submission.operation, at: at, line: line)
        guard !sessions[session].unanswered.contains(operation) else { return }
        sessions[session].unanswered.append(operation)
        meter.submit(document: document, node: sessions[session].node, at: at)
    }

    mutating func acknowledge(_ ack: HistoryEvent.Acknowledgement, _ at: Int64) throws(HistoryFault.Reason) {
        let session = try startedSession(ack.session)
        guard let client = sessions[session].client else { throw .noFirstMessage(session: ack.session) }
        counts.acknowledgements += 1
        let document = sessions[session].document
        let operation = documents[document].operation(ack.operationID, of: client)
        let first = documents[document].operations[operation].acknowledgement
        if let first {
            if first.version != ack.version {
                findings.report(
                    .acknowledgedAtTwoVersions,
                    "acknowledged as version \(first.version), and again as version \(ack.version)",
                    document: documents[document].name, session: ack.session,
                    client: documents[document].clients[client].name, operationID: ack.operationID,
                    version: ack.version, lines: [first.line, line])
            }
        } else {
            documents[document].operations[operation].acknowledgement = .init(
                version: ack.version, at: at, line: line, session: session)
            if let sent = documents[document].operations[operation].first { latencies.append(at - sent.at) }
        }
        if let index = sessions[session].unanswered.firstIndex(of: operation) {
            sessions[session].unanswered.remove(at: index)
            meter.acknowledge(document: document, node: sessions[session].node, at: at)
        }
        documents[document].tell(ack.digest, of: ack.version, session: session, line: line)
        documents[document].acknowledgedHead = max(documents[document].acknowledgedHead, ack.version)
        guard ack.version > sessions[session].repeatable, first?.version != ack.version else { return }
        step(session, to: ack.version, "the ack of \(ack.operationID)")
    }

    mutating func see(_ broadcast: HistoryEvent.Broadcast, _ at: Int64) throws(HistoryFault.Reason) {
        let session = try startedSession(broadcast.session)
        tell(broadcast.operations, session, at)
    }

    mutating func initial(_ whole: HistoryEvent.WholeContent, _ at: Int64) throws(HistoryFault.Reason) {
        let session = try session(whole.session)
        guard !sessions[session].isStarted, let client = whole.client else {
            throw .unknown(what: "session without a first message", name: whole.session)
        }
        begin(session, as: client)
        take(whole, session, .initial, at)
    }

    mutating func resync(_ whole: HistoryEvent.WholeContent, _ at: Int64) throws(HistoryFault.Reason) {
        let session = try session(whole.session)
        if sessions[session].isStarted {
            sessions[session].floor = sessions[session].seen
        } else {
            guard let client = whole.client else { throw .noFirstMessage(session: whole.session) }
            begin(session, as: client)
        }
        if let rejected = whole.rejected { refuse(rejected, session) }
        take(whole, session, .resync, at)
    }

    mutating func caughtUp(_ catchUp: HistoryEvent.CatchUp, _ at: Int64) throws(HistoryFault.Reason) {
        let session = try session(catchUp.session)
        guard !sessions[session].isStarted else {
            throw .unknown(what: "session without a first message", name: catchUp.session)
        }
        begin(session, as: catchUp.client)
        sessions[session].seen = catchUp.asked
        sessions[session].repeatable = max(catchUp.head, catchUp.asked)
        allow(catchUp.permission, session)
        documents[sessions[session].document].tell(
            catchUp.digest, of: catchUp.head, session: session, line: line)
        tell(catchUp.operations, session, at)
        if catchUp.head < catchUp.asked {
            disappeared(session, "asked for what follows version \(catchUp.asked), whose head is \(catchUp.head)")
        }
        judgeView(session, version: catchUp.head, at)
    }

    mutating func fail(_ failure: HistoryEvent.Failure) throws(HistoryFault.Reason) {
        counts.failures += 1
        if let document = failure.document { _ = try self.document(document) }
        guard let name = failure.session else { return }
        let session = try session(name)
        guard let id = failure.operationID else { return }
        switch failure.code {
        case "forbidden", "invalid_operation", "too_large": refuse(id, session)
        // To be tried again: the operation still waits.
        default: break
        }
    }

    // MARK: Parts

    private mutating func begin(_ session: Int, as name: String) {
        let document = sessions[session].document
        let client = documents[document].client(name)
        documents[document].clients[client].user = sessions[session].user
        // Another client than the one that was to be resumed has seen nothing.
        if sessions[session].client != client { sessions[session].floor = 0 }
        sessions[session].client = client
        sessions[session].isStarted = true
    }

    private mutating func take(
        _ whole: HistoryEvent.WholeContent, _ session: Int, _ source: DocumentLedger.Content.Source, _ at: Int64
    ) {
        let document = sessions[session].document
        allow(whole.permission, session)
        note(whole.content, whole.digest, source, version: whole.version, session: session, document, at)
        if whole.version < sessions[session].floor {
            disappeared(session, "shown version \(whole.version) after it had seen version \(sessions[session].floor)")
        }
        sessions[session].seen = whole.version
        sessions[session].repeatable = whole.version
        documents[document].seen(whole.version, by: sessions[session].client, line: line)
        judgeView(session, version: whole.version, at)
    }

    private mutating func tell(_ operations: [HistoryEvent.SeenOperation], _ session: Int, _ at: Int64) {
        let document = sessions[session].document
        counts.operationsSeen += operations.count
        for operation in operations {
            step(session, to: operation.version, "the operation of \(operation.client)")
            guard operation.version > 0 else { continue }
            documents[document].tell(operation, session: session, at: at, line: line)
            judgeView(session, version: operation.version, at)
        }
    }

    private mutating func step(_ session: Int, to version: Int, _ what: @autoclosure () -> String) {
        let document = sessions[session].document
        switch sessions[session].advance(to: version) {
        case .next: break
        case .gap(let before):
            findings.report(
                .sessionGap, "after version \(before) came \(what()), version \(version)",
                document: documents[document].name, session: sessions[session].name, version: version, lines: [line])
        case .again:
            findings.report(
                .sessionDisorder, "after version \(sessions[session].seen) came \(what()), version \(version)",
                document: documents[document].name, session: sessions[session].name, version: version, lines: [line])
        }
        documents[document].seen(version, by: sessions[session].client, line: line)
    }

    private mutating func refuse(_ id: String, _ session: Int) {
        guard let client = sessions[session].client else { return }
        let document = sessions[session].document
        let operation = documents[document].operation(id, of: client)
        documents[document].operations[operation].isRefused = true
        if let acknowledgement = documents[document].operations[operation].acknowledgement {
            findings.report(
                .acknowledgedThenRefused,
                "\(id) was acknowledged as version \(acknowledgement.version), and refused then",
                document: documents[document].name, session: sessions[session].name,
                client: documents[document].clients[client].name, operationID: id, version: acknowledgement.version,
                lines: [acknowledgement.line, line])
        }
        guard let index = sessions[session].unanswered.firstIndex(of: operation) else { return }
        sessions[session].unanswered.remove(at: index)
        meter.withdraw(document: document, node: sessions[session].node)
    }

    private mutating func disappeared(_ session: Int, _ what: String) {
        let document = sessions[session].document
        let client = sessions[session].client.map { documents[document].clients[$0] }
        findings.report(
            .seenDisappeared, "the client was \(what)", document: documents[document].name,
            session: sessions[session].name, client: client?.name, lines: [client?.seenLine ?? line, line])
    }

    /// Content reaches a session: whether its user is known to have lost the right to see it (G9).
    private mutating func judgeView(_ session: Int, version: Int, _ at: Int64) {
        let document = sessions[session].document
        guard let bar = documents[document].users[sessions[session].user].viewBar else { return }
        documents[document].contentsBarred += 1
        let isOpenedAfter = sessions[session].openedAt >= bar.since && sessions[session].openedLine > bar.line
        let isLate = settings.deliveryMicroseconds.map { at - bar.since > $0 } ?? false
        if isOpenedAfter || isLate {
            findings.report(
                .contentWithoutPermission,
                "user \(documents[document].users[sessions[session].user].name) was told version \(version) "
                    + (isOpenedAfter ? "in a session opened after" : "\(at - bar.since) µs after")
                    + " losing the right to view",
                document: documents[document].name, session: sessions[session].name, version: version,
                lines: [bar.line, line])
        } else {
            documents[document].leaks.append(
                .init(version: version, session: session, since: bar.since, lines: [bar.line, line]))
        }
    }
}
