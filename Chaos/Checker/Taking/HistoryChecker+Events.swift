internal import Delta

extension HistoryChecker {
    mutating func take(_ kind: HistoryEvent.Kind, _ at: Int64) throws(HistoryFault.Reason) {
        switch kind {
        case .opened(let opening): try open(opening, at)
        case .closed(let closing): try close(closing)
        case .submitted(let submission): try submit(submission, at)
        case .acknowledged(let ack): try acknowledge(ack, at)
        case .seen(let broadcast): try see(broadcast, at)
        case .initial(let whole): try initial(whole, at)
        case .caughtUp(let catchUp): try caughtUp(catchUp, at)
        case .resynced(let whole): try resync(whole, at)
        case .failed(let failure): try fail(failure)
        case .degraded(let session), .restored(let session): _ = try self.session(session)
        case .permission(let session, let permission): allow(permission, try self.session(session))
        case .presence(let session, _, _):
            _ = try startedSession(session)
            counts.presences += 1
        case .held(let held): try hold(held, at)
        case .accessRequested(let change): try ask(change, at)
        case .accessAnswered(let request, let status): try answer(request, status, at)
        case .read(let read): try self.read(read, at)
        case .document(let start):
            do {
                _ = try DocumentContent(start.content)
            } catch {
                throw .invalid(field: "content", expected: "a document (\(error))")
            }
            try add(DocumentLedger(name: start.document, start: start.content))
        case .faultBegan(let fault):
            guard meter.begin(fault, at: at, line: line) else { throw .taken(what: "fault", name: fault.fault) }
            counts.faults += 1
        case .faultEnded(let fault):
            guard meter.end(fault, at: at, line: line) else { throw .unknown(what: "fault", name: fault) }
        case .row(let row):
            let index = try document(row.document)
            guard row.version > 0 else { throw .invalid(field: "version", expected: "above 0") }
            counts.rows += 1
            documents[index].take(row, line: line)
        case .head(let head):
            let index = try document(head.document)
            if head.reading == nil, documents[index].end != nil {
                throw .taken(what: "last head of document", name: head.document)
            }
            documents[index].take(head, line: line)
        }
    }

    // MARK: Access

    private mutating func ask(_ change: HistoryEvent.AccessChange, _ at: Int64) throws(HistoryFault.Reason) {
        let document = try document(change.document)
        guard requests[change.request] == nil else { throw .taken(what: "request", name: change.request) }
        let user = documents[document].user(change.user)
        var request = AccessRequest(document: document, user: user, permission: change.permission)
        for (name, other) in requests where other.document == document && other.user == user {
            if change.permission >= .edit { requests[name]?.isEditContested = true }
            if change.permission >= .view { requests[name]?.isViewContested = true }
            if other.permission >= .edit { request.isEditContested = true }
            if other.permission >= .view { request.isViewContested = true }
        }
        requests[change.request] = request
        documents[document].users[user].asked(change.permission, at: at)
    }

    private mutating func answer(_ name: String, _ status: Int, _ at: Int64) throws(HistoryFault.Reason) {
        guard let request = requests[name] else { throw .unknown(what: "open request", name: name) }
        // One that failed may have been done all the same: it stays open, and contests those that follow.
        guard (200..<300).contains(status) else { return }
        requests[name] = nil
        documents[request.document].users[request.user].barred(
            edit: request.permission < .edit && !request.isEditContested,
            view: request.permission < .view && !request.isViewContested, at: at, line: line)
    }

    /// A session is told what it may do.
    mutating func allow(_ permission: HistoryEvent.Permission?, _ session: Int) {
        guard let permission else { return }
        sessions[session].permission = permission
        guard permission >= .edit else { return }
        documents[sessions[session].document].users[sessions[session].user].mayHaveEdited = true
    }

    // MARK: Content

    private mutating func hold(_ held: HistoryEvent.HeldContent, _ at: Int64) throws(HistoryFault.Reason) {
        let session = try startedSession(held.session)
        let document = sessions[session].document
        if let content = held.content {
            note(content, held.digest, .held, version: held.version, session: session, document, at)
        } else {
            documents[document].tell(held.digest, of: held.version, session: session, line: line)
        }
    }

    private mutating func read(_ read: HistoryEvent.ContentRead, _ at: Int64) throws(HistoryFault.Reason) {
        let document = try document(read.document)
        let user = documents[document].user(read.user)
        note(read.content, nil, .read, version: read.version, session: nil, document, at)
        guard let bar = documents[document].users[user].viewBar else { return }
        documents[document].contentsBarred += 1
        guard read.askedAt >= bar.since else { return }
        findings.report(
            .contentWithoutPermission, "user \(read.user) read the content by HTTP after losing the right to view it",
            document: read.document, version: read.version, lines: [bar.line, line])
    }

    /// Notes a whole content; of it, only what it takes to recognise it is kept.
    mutating func note(
        _ content: Delta, _ digest: Digest?, _ source: DocumentLedger.Content.Source, version: Int, session: Int?,
        _ document: Int, _ at: Int64
    ) {
        counts.contents += 1
        documents[document].contents.append(
            DocumentLedger.Content(
                source: source, version: version, fingerprint: ContentFingerprint(of: content), digest: digest,
                isDigestOwn: digest.map { $0 == Digest(of: content) } ?? true, session: session, at: at, line: line,
                headBefore: session.map { sessions[$0].headWhenOpened } ?? 0))
    }
}
