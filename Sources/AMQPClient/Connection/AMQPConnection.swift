internal import DequeModule

/// A connection to one AMQP 0-9-1 server (RabbitMQ): librabbitmq on a thread of its own.
///
/// Every call occupies the connection until it returns, and returns or throws in bounded time also when the server
/// stands still. After an error that leaves the state of the connection unknown (``AMQPError/breaksConnection``) every
/// later call throws at once; nothing is connected again by itself. A connection publishes or consumes, not both.
package actor AMQPConnection {
    private enum State {
        case open(ConnectionHandle)
        case broken(AMQPError)
    }

    package nonisolated let url: AMQPURL
    private nonisolated let executor: BlockingExecutor
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private let limits: AMQPLimits
    private var state: State
    private var heartbeats: Task<Void, Never>?
    /// What the heartbeat has found while nobody asked for it; at most as much as may be unacknowledged.
    private var received: Deque<AMQPDelivery> = []

    /// Connects and logs in.
    ///
    /// - Throws: ``AMQPError`` with code `notConnected`, or `refused` when the login or the virtual host is wrong.
    package static func connect(
        to url: AMQPURL, limits: AMQPLimits = AMQPLimits()
    ) async throws(AMQPError) -> AMQPConnection {
        let connection = try AMQPConnection(url, limits)
        try await connection.open()
        return connection
    }

    private init(_ url: AMQPURL, _ limits: AMQPLimits) throws(AMQPError) {
        self.url = url
        self.limits = limits
        executor = try BlockingExecutor()
        state = .broken(AMQPError(.notConnected, "not connected to \(url)"))
    }

    deinit { heartbeats?.cancel() }

    private func open() throws(AMQPError) {
        state = .open(try ConnectionHandle(url, limits))
        // Unstructured: it lasts as long as the connection, of which it keeps no hold.
        heartbeats = Task { [weak self, interval = Duration.seconds(max(1, Int(limits.heartbeatSeconds) / 3))] in
            while !Task.isCancelled {
                do { try await Task.sleep(for: interval, clock: .continuous) } catch { return }
                guard let self else { return }
                await self.beat()
            }
        }
    }

    /// Whether the connection was lost or closed.
    package var isBroken: Bool { if case .broken = state { true } else { false } }

    // MARK: Exchanges and queues

    /// Declares a durable exchange of a type such as `topic` or `direct`. One that exists so already is left alone.
    ///
    /// - Throws: ``AMQPError`` with code `refused` and reply code 406 when it exists with another type.
    package func declareExchange(_ name: String, type: String) throws(AMQPError) {
        try Self.requireShort([name, type])
        try perform { (handle, _) throws(AMQPError) in try handle.declareExchange(name, type) }
    }

    /// Declares a durable queue. One that exists so already is left alone.
    ///
    /// - Parameters:
    ///   - deadLetterExchange: where a rejected message goes; `nil`: nowhere.
    ///   - deadLetterRoutingKey: under which key; `nil`: its own.
    /// - Returns: how many messages are ready in it.
    /// - Throws: ``AMQPError`` with code `refused` and reply code 406 when it exists with other arguments.
    @discardableResult
    package func declareQueue(
        _ name: String, deadLetterExchange: String? = nil, deadLetterRoutingKey: String? = nil
    ) throws(AMQPError) -> Int {
        try Self.requireShort([name, deadLetterExchange, deadLetterRoutingKey].compactMap { $0 })
        return try perform { (handle, _) throws(AMQPError) in
            try handle.declareQueue(
                name, deadLetterExchange: deadLetterExchange, deadLetterRoutingKey: deadLetterRoutingKey)
        }
    }

    /// How many messages are ready in a queue; `nil` when there is no such queue.
    package func depth(ofQueue name: String) throws(AMQPError) -> Int? {
        try Self.requireShort([name])
        return try perform { (handle, _) throws(AMQPError) in try handle.depth(ofQueue: name) }
    }

    /// Deletes a queue with what is in it; does nothing when it is missing.
    package func deleteQueue(_ name: String) throws(AMQPError) {
        try Self.requireShort([name])
        try perform { (handle, _) throws(AMQPError) in try handle.deleteQueue(name) }
    }

    /// Has an exchange give a queue what is published with a routing key.
    package func bind(_ queue: String, to exchange: String, routingKey: String) throws(AMQPError) {
        try Self.requireShort([queue, exchange, routingKey])
        try perform { (handle, _) throws(AMQPError) in
            try handle.bind(queue, to: exchange, routingKey: routingKey)
        }
    }

    // MARK: Publishing

    /// Publishes persistent messages in their order, and returns when the server has confirmed every one of them: a
    /// durable queue then keeps it. A message that no queue is bound for is confirmed and gone.
    ///
    /// - Throws: ``AMQPError``; any number of the messages may have been taken over then.
    package func publish(_ messages: [AMQPMessage], to exchange: String) throws(AMQPError) {
        try Self.requireShort([exchange])
        for message in messages { try Self.requireShort([message.routingKey, message.id, message.contentType]) }
        try perform { (handle, deadline) throws(AMQPError) in
            guard !handle.isConsuming else {
                throw AMQPError(.invalidArgument, "a connection that consumes cannot publish")
            }
            try handle.publish(messages, to: exchange, before: deadline)
        }
    }

    // MARK: Consuming

    /// Has the server send what is in a queue, at most `prefetch` messages ahead of their acknowledgement.
    package func consume(_ queue: String, prefetch: UInt16 = 100) throws(AMQPError) {
        try Self.requireShort([queue])
        guard prefetch > 0 else { throw AMQPError(.invalidArgument, "a prefetch of 0 would be one without a bound") }
        try perform { (handle, _) throws(AMQPError) in try handle.consume(queue, prefetch: prefetch) }
    }

    /// Waits for the next message; `nil` when none came within `timeout`.
    ///
    /// - Throws: ``AMQPError`` with code `refused` when the queue was deleted.
    package func next(timeout: Duration) throws(AMQPError) -> AMQPDelivery? {
        if let delivery = received.popFirst() { return delivery }
        return try perform(within: limits.callTimeout + timeout) { (handle, _) throws(AMQPError) in
            guard handle.isConsuming else {
                throw handle.consumerEnd ?? AMQPError(.invalidArgument, "the connection consumes no queue")
            }
            return try handle.next(within: timeout)
        }
    }

    /// Has the server forget a message.
    package func acknowledge(_ tag: UInt64) throws(AMQPError) {
        try perform { (handle, _) throws(AMQPError) in try handle.acknowledge(tag) }
    }

    /// Gives a message back: to its queue, or to the queue's dead letters.
    package func reject(_ tag: UInt64, requeue: Bool) throws(AMQPError) {
        try perform { (handle, _) throws(AMQPError) in try handle.reject(tag, requeue: requeue) }
    }

    // MARK: The end

    /// Says good-bye to the server and frees the connection. Every later call throws.
    package func close() {
        // A server that does not answer is left without a word.
        try? perform { (handle, _) throws(AMQPError) in try handle.close() }
        end(AMQPError(.connectionLost, "the connection to \(url) was closed"))
    }

    private func end(_ reason: AMQPError) {
        heartbeats?.cancel()
        heartbeats = nil
        received.removeAll()
        state = .broken(reason)
    }

    /// Sends a heartbeat if one is due, and takes in what the server has sent by itself.
    private func beat() {
        // An error has marked the connection as broken; the next call tells of it.
        try? perform { (handle, _) throws(AMQPError) in
            if handle.isConsuming {
                while let delivery = try handle.next(within: .zero) { self.received.append(delivery) }
            } else {
                while try handle.takeFrame(within: .zero, "listen") {}
            }
        }
    }

    /// Runs a call of the library, which is cut off when it lasts longer than `limit` without progress.
    private func perform<Result>(
        within limit: Duration? = nil, _ call: (ConnectionHandle, SocketDeadline) throws(AMQPError) -> Result
    ) throws(AMQPError) -> Result {
        let handle: ConnectionHandle
        switch state {
        case .open(let open): handle = open
        case .broken(let reason): throw reason
        }
        let deadline = SocketDeadline(of: handle.descriptor, in: limit ?? limits.callTimeout)
        // Unstructured: it counts while this thread is inside the library.
        let timer = Task.detached { await deadline.run() }
        defer { timer.cancel() }
        do throws(AMQPError) {
            let result = try call(handle, deadline)
            guard deadline.end() else { return result }
            throw AMQPError(.timedOut, "the server \(url) answered too late")
        } catch {
            var reason = error
            if deadline.end() {
                reason = AMQPError(.timedOut, "the server \(url) took nothing for \(limits.callTimeout)")
            }
            if reason.breaksConnection { end(reason) }
            throw reason
        }
    }

    private static func requireShort(_ names: [String]) throws(AMQPError) {
        // A short string of the protocol (AMQP 0-9-1, section 4.2.5.3).
        for name in names where name.utf8.count > 255 {
            throw AMQPError(.invalidArgument, "a name or key is longer than 255 bytes: \(name.prefix(40))…")
        }
    }
}
