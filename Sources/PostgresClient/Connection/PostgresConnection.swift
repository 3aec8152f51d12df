internal import DequeModule
internal import Glibc
internal import Synchronization

/// One connection to PostgreSQL in libpq's pipeline mode, which connects again by itself.
///
/// Statements are sent as they come, each with a sync of its own: it is its own transaction, and its failure is its
/// own. ``execute(_:_:)`` returns when that transaction has ended. Lives on a ``PollExecutor``'s thread; nothing blocks
/// there but the lookup of a host name.
package actor PostgresConnection: PollSource {
    enum Phase {
        /// Not started, or pausing after a failed attempt.
        case disconnected
        /// libpq is connecting.
        case connecting(ConnectionHandle)
        /// The session's settings are under way.
        case configuring(ConnectionHandle)
        case ready(ConnectionHandle)
        /// For ever.
        case closed
    }

    let executor: PollExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    let options: ConnectionOptions
    var phase = Phase.disconnected { didSet { publish() } }
    /// The phase as other threads see it.
    private nonisolated let published = Atomic<UInt8>(Status.waiting.rawValue)
    /// Sent, the oldest first.
    var inFlight: Deque<PendingStatement> = []
    /// Not sent.
    var waiting: Deque<PendingStatement> = []
    /// The statements that this session has prepared, or is about to.
    var prepared: Set<String> = []
    /// Why the last attempt failed; while it is set nobody waits for the next one.
    var failure: String?
    /// When the phase has lasted too long, or its pause is over.
    var phaseDeadline: MonotonicTime?
    /// Without an answer by then the connection is given up; `nil`: nothing is in flight.
    var answerDeadline: MonotonicTime?
    var backoff: Backoff

    package init(_ options: ConnectionOptions, on executor: PollExecutor) {
        self.options = options
        self.executor = executor
        backoff = Backoff(first: options.firstBackoff, last: options.lastBackoff, seed: options.backoffSeed)
    }

    /// What a connection is doing, as far as others care.
    package enum Status: UInt8, Sendable {
        case open, connecting
        /// Not started, pausing before the next attempt, or closed.
        case waiting
    }

    /// What the connection is doing now. From any thread.
    package nonisolated var status: Status { Status(rawValue: published.load(ordering: .relaxed)) ?? .waiting }

    private func publish() {
        let status: Status =
            switch phase {
            case .ready: .open
            case .connecting, .configuring: .connecting
            case .disconnected, .closed: .waiting
            }
        published.store(status.rawValue, ordering: .relaxed)
    }

    /// Runs one statement and returns its rows after its transaction has committed with `synchronous_commit` on.
    ///
    /// Waits for the first connection, and for the first attempt after a loss; fails at once while attempts fail. The
    /// outcome is awaited even when the task is cancelled, because it matters whether the statement took effect.
    package func execute(_ statement: Statement, _ parameters: Parameters = Parameters())
        async throws(PostgresError) -> ResultSet
    {
        let result = await withCheckedContinuation { continuation in
            submit(
                PendingStatement(statement: statement, parameters: parameters, waiter: .caller(continuation)))
        }
        return try result.get()
    }

    /// Starts to connect, if nothing has done so yet. ``execute(_:_:)`` does it too.
    package func start() {
        if case .disconnected = phase, phaseDeadline == nil { connect() }
    }

    /// Closes the connection for good. What is in flight fails with ``PostgresError/outcomeUnknown(_:)``.
    package func close() {
        guard !isClosed else { return }
        phase = .closed
        phaseDeadline = nil
        executor.unwatch(self)
        failInFlight("closed by this node")
        failWaiting("closed by this node")
    }

    var isClosed: Bool { if case .closed = phase { true } else { false } }

    private func submit(_ pending: PendingStatement) {
        switch phase {
        case .closed:
            pending.finish(.failure(.unavailable("closed by this node")))
            return
        case .disconnected where failure != nil:
            pending.finish(.failure(.unavailable(failure ?? "")))
            return
        case .connecting where failure != nil, .configuring where failure != nil:
            pending.finish(.failure(.unavailable(failure ?? "")))
            return
        case .disconnected, .connecting, .configuring, .ready:
            break
        }
        guard waiting.count < options.maximumWaiting else {
            pending.finish(.failure(.unavailable("\(waiting.count) statements wait already")))
            return
        }
        waiting.append(pending)
        if case .ready(let handle) = phase { pump(handle) } else { start() }
    }

    func failInFlight(_ reason: String) {
        let failed = inFlight
        inFlight = []
        answerDeadline = nil
        for pending in failed { pending.finish(.failure(.outcomeUnknown(reason))) }
    }

    func failWaiting(_ reason: String) {
        let failed = waiting
        waiting = []
        for pending in failed { pending.finish(.failure(.unavailable(reason))) }
    }

    package nonisolated func pollReady(_ events: Int16) {
        assumeIsolated { $0.ready() }
    }

    package nonisolated func pollDeadline() {
        assumeIsolated { $0.deadlinePassed() }
    }
}
