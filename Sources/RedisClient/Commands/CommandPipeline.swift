internal import DequeModule
internal import NIOCore

/// The client's side on the event loop, across connections: hands requests to the connection of the moment, or keeps
/// them for the next, or refuses them. Confined to the event loop.
///
/// Requests wait only at the start and after a connection that had worked was lost, and only for the next attempt:
/// while attempts fail, a caller is told at once.
final class CommandPipeline {
    private enum Link {
        /// The first attempt since the start or a loss has not ended.
        case awaited
        case connected(CommandHandler)
        /// The last attempt failed.
        case failing(RedisError)
        case closed
    }

    /// How often deadlines are looked at, while there are any.
    private static let tick = TimeAmount.milliseconds(10)

    private let eventLoop: any EventLoop
    private let mailbox: CommandMailbox
    private var link = Link.awaited
    private var waiting = Deque<RedisRequest>()
    private var isTicking = false

    init(eventLoop: any EventLoop, mailbox: CommandMailbox) {
        self.eventLoop = eventLoop
        self.mailbox = mailbox
    }

    /// Takes what callers have left.
    func drainMailbox() {
        let requests = mailbox.take()
        switch link {
        case .awaited: waiting.append(contentsOf: requests)
        case .connected(let handler): handler.send(requests)
        case .failing(let reason): fail(requests, reason)
        case .closed: fail(requests, RedisError(.closed, "the Redis client was stopped"))
        }
        startTicking()
    }

    /// A connection has logged in: what waited is sent.
    func connected(_ handler: CommandHandler) {
        if case .closed = link { return }
        link = .connected(handler)
        if !waiting.isEmpty { handler.send(Array(waiting)) }
        waiting = []
    }

    /// The connection has ended.
    func lost(_ handler: CommandHandler) {
        guard case .connected(let current) = link, current === handler else { return }
        link = .awaited
    }

    /// An attempt has failed, or a connection was lost too soon to be waited for.
    func failing(_ reason: RedisError) {
        if case .closed = link { return }
        link = .failing(RedisError(.notConnected, reason.message))
        fail(waiting, RedisError(.notConnected, reason.message))
        waiting = []
    }

    /// Refuses everything from now on.
    func close() {
        link = .closed
        let stopped = RedisError(.closed, "the Redis client was stopped")
        fail(waiting, stopped)
        waiting = []
        fail(mailbox.close(), stopped)
    }

    private func fail(_ requests: some Collection<RedisRequest>, _ error: RedisError) {
        mailbox.release(requests)
        for request in requests { request.complete(.failure(error)) }
    }

    private func startTicking() {
        guard !isTicking, hasDeadlines else { return }
        isTicking = true
        eventLoop.assumeIsolated().scheduleTask(in: Self.tick) {
            self.isTicking = false
            self.expire(.now())
            self.startTicking()
        }
    }

    private var hasDeadlines: Bool {
        if case .connected(let handler) = link { return handler.hasPending }
        return !waiting.isEmpty
    }

    private func expire(_ now: NIODeadline) {
        if case .connected(let handler) = link { handler.expire(now) }
        guard waiting.contains(where: { $0.deadline <= now }) else { return }
        let expired = waiting.filter { $0.deadline <= now }
        waiting.removeAll { $0.deadline <= now }
        fail(expired, RedisError(.notConnected, "there was no connection in time"))
    }
}
