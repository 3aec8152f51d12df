internal import DequeModule
internal import Glibc

extension PostgresConnection {
    /// Begins an attempt to connect.
    func connect() {
        phaseDeadline = MonotonicTime.now.advanced(by: options.connectTimeout)
        guard let handle = ConnectionHandle(parameters: options.parameters) else {
            attemptFailed("no memory for a connection")
            return
        }
        guard !handle.isBroken else {
            attemptFailed(handle.errorMessage)
            return
        }
        phase = .connecting(handle)
        // libpq's rule: behave at first as if PQconnectPoll had asked to write.
        watch(handle, Int16(POLLOUT))
    }

    /// The descriptor is ready.
    func ready() {
        switch phase {
        case .connecting(let handle): continueConnecting(handle)
        case .configuring(let handle), .ready(let handle): exchange(handle)
        case .disconnected, .closed: break
        }
    }

    /// A connection attempt, a pause or a statement has taken its time.
    func deadlinePassed() {
        switch phase {
        case .disconnected: connect()
        case .connecting, .configuring: attemptFailed("no connection within \(options.connectTimeout)")
        case .ready: lose("no answer within \(options.statementTimeout + options.silenceTimeout)")
        case .closed: break
        }
    }

    private func continueConnecting(_ handle: ConnectionHandle) {
        switch handle.continueConnecting() {
        case .wantsRead: watch(handle, Int16(POLLIN))
        case .wantsWrite: watch(handle, Int16(POLLOUT))
        case .failed(let reason): attemptFailed(reason)
        case .connected:
            guard handle.enterPipeline() else {
                attemptFailed(handle.errorMessage)
                return
            }
            phase = .configuring(handle)
            let configuration = options.configuration
            send(
                PendingStatement(
                    statement: configuration.statement, parameters: configuration.parameters, waiter: .configuration),
                on: handle)
            if isCurrent(handle) { pump(handle) }
        }
    }

    /// The session's settings were answered.
    func configured(_ result: Result<ResultSet, PostgresError>, _ handle: ConnectionHandle) {
        do {
            let rows = try result.get()
            guard try rows.text(0, 0) == "on" else {
                attemptFailed("the server does not commit synchronously")
                return
            }
        } catch {
            attemptFailed(error.description)
            return
        }
        phase = .ready(handle)
        phaseDeadline = nil
        failure = nil
        options.onEvent(.connected)
    }

    /// Gives the attempt up and everybody who waits for it, and pauses.
    func attemptFailed(_ reason: String) {
        executor.unwatch(self)
        inFlight = []
        answerDeadline = nil
        prepared = []
        phase = .disconnected
        failure = reason
        failWaiting(reason)
        options.onEvent(.failedToConnect(reason))
        pause()
    }

    /// Gives a ready connection up: nobody knows what became of what was sent. What was not sent waits for one attempt.
    func lose(_ reason: String) {
        executor.unwatch(self)
        prepared = []
        phase = .disconnected
        let outstanding = inFlight.count
        failInFlight(reason)
        options.onEvent(.lost(reason, outstanding: outstanding))
        pause()
    }

    private func pause() {
        phaseDeadline = MonotonicTime.now.advanced(by: backoff.next())
        executor.watch(self, PollInterest(descriptor: -1, events: 0, deadline: phaseDeadline))
    }

    /// Awaits the descriptor and whichever deadline comes first.
    func watch(_ handle: ConnectionHandle, _ events: Int16) {
        let deadline = phaseDeadline ?? answerDeadline
        executor.watch(self, PollInterest(descriptor: handle.descriptor, events: events, deadline: deadline))
    }
}
