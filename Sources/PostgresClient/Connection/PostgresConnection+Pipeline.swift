internal import DequeModule
internal import Glibc

extension PostgresConnection {
    /// Takes what has arrived, sends what waits, and awaits the rest.
    func exchange(_ handle: ConnectionHandle) {
        let isAlive = handle.consumeInput()
        // What arrived before the end of the connection still counts.
        takeReplies(handle)
        guard isCurrent(handle) else { return }
        guard isAlive, !handle.isBroken else {
            broken(handle)
            return
        }
        pump(handle)
    }

    /// Sends what waits, as far as the bound of statements in flight allows, and awaits the answers.
    func pump(_ handle: ConnectionHandle) {
        if case .ready = phase {
            while inFlight.count < options.maximumInFlight, let next = waiting.popFirst() {
                send(next, on: handle)
                guard isCurrent(handle) else { return }
            }
        }
        switch handle.flush() {
        case .flushed: watch(handle, Int16(POLLIN))
        // libpq's rule: while output waits, input is read too.
        case .wantsWrite: watch(handle, Int16(POLLIN | POLLOUT))
        case .failed: broken(handle)
        }
    }

    /// Queues one statement with its sync. From here on its outcome is unknown until it is answered.
    func send(_ pending: PendingStatement, on handle: ConnectionHandle) {
        var pending = pending
        let statement = pending.statement
        let parameters = pending.parameters
        pending.parameters = Parameters()
        var isSent = true
        if statement.isPrepared, prepared.insert(statement.name).inserted {
            pending.isPreparing = true
            isSent = handle.sendPrepare(statement, types: parameters.extents.map(\.type))
        }
        guard isSent, handle.sendExecute(statement, parameters) else {
            // libpq refused it, so it cannot take effect; a preparation that was taken is not worth keeping track of.
            pending.finish(.failure(.unavailable(handle.errorMessage)))
            broken(handle)
            return
        }
        if inFlight.isEmpty { restartAnswerDeadline() }
        inFlight.append(pending)
        if !handle.sendSync() { broken(handle) }
    }

    /// The oldest statement has from now on as long as the server may take, and a little more.
    private func restartAnswerDeadline() {
        answerDeadline = MonotonicTime.now.advanced(by: options.statementTimeout + options.silenceTimeout)
    }

    private func takeReplies(_ handle: ConnectionHandle) {
        var separators = 0
        while !inFlight.isEmpty, separators < 3, let reply = handle.nextReply() {
            switch reply {
            case .separator:
                separators += 1
                continue
            case .rows(let rows): inFlight[0].take(.success(rows))
            case .failure(let error):
                inFlight[0].take(.failure(error))
                // Made by libpq: no sync will follow.
                if handle.isBroken { return }
            case .sync:
                finishFirst(handle)
                guard isCurrent(handle) else { return }
            }
            separators = 0
        }
    }

    /// The oldest statement's transaction has ended.
    private func finishFirst(_ handle: ConnectionHandle) {
        guard let pending = inFlight.popFirst() else { return }
        if inFlight.isEmpty { answerDeadline = nil } else { restartAnswerDeadline() }
        let warnings = handle.notices.take()
        let result: Result<ResultSet, PostgresError>
        switch pending.reply {
        case .success(var rows):
            rows.warnings = warnings
            result = .success(rows)
        case .failure(let error):
            // The session does not have the statement after all.
            if pending.preparationFailed || error.sqlState == "26000" { prepared.remove(pending.statement.name) }
            result = .failure(.server(error))
        case nil: result = .failure(.malformedResult("a sync without a result"))
        }
        switch pending.waiter {
        case .configuration: configured(result, handle)
        case .caller:
            backoff.reset()
            pending.finish(result)
        }
    }

    func broken(_ handle: ConnectionHandle) {
        if case .ready = phase { lose(handle.errorMessage) } else { attemptFailed(handle.errorMessage) }
    }

    /// Whether the handle is still this connection's.
    func isCurrent(_ handle: ConnectionHandle) -> Bool {
        switch phase {
        case .configuring(let current), .ready(let current): current === handle
        case .disconnected, .connecting, .closed: false
        }
    }
}
