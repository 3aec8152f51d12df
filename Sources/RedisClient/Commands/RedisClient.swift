package import NIOCore

/// A client of one Redis: sends commands over one connection, many at a time, and keeps that connection.
///
/// Nothing works before ``run()`` does; commands sent earlier wait for the first attempt to connect. Every call
/// returns within its timeout (and 10 ms). Cancelling a caller's task does not shorten that.
package final class RedisClient: Sendable {
    package let endpoint: RedisEndpoint
    package let configuration: RedisConfiguration
    private let eventLoop: any EventLoop
    private let mailbox: CommandMailbox
    private let pipeline: NIOLoopBoundBox<CommandPipeline>
    private let observe: @Sendable (RedisLinkEvent) -> Void

    /// Makes a client on one event loop of the group.
    ///
    /// - Parameter observe: is told of each connection and each loss; must not block.
    package init(
        endpoint: RedisEndpoint, eventLoopGroup: any EventLoopGroup, configuration: RedisConfiguration = .init(),
        observe: @escaping @Sendable (RedisLinkEvent) -> Void = { _ in }
    ) {
        self.endpoint = endpoint
        self.configuration = configuration
        self.observe = observe
        eventLoop = eventLoopGroup.next()
        mailbox = CommandMailbox(
            maximumCommands: configuration.maximumCommands, maximumBytes: configuration.maximumCommandBytes)
        pipeline = NIOLoopBoundBox.makeBoxSendingValue(
            CommandPipeline(eventLoop: eventLoop, mailbox: mailbox), eventLoop: eventLoop)
    }

    /// Keeps the connection until the task is cancelled; then closes it and refuses every further command.
    package func run() async {
        let supervisor = ConnectionSupervisor(endpoint: endpoint, eventLoop: eventLoop, configuration: configuration)
        let (endpoint, configuration) = (endpoint, configuration)
        let (pipeline, mailbox) = (pipeline, mailbox)
        await supervisor.run { channel, milestones in
            try channel.pipeline.syncOperations.addHandlers([
                RedisReplyDecoder(limits: configuration.replyLimits),
                CommandHandler(
                    endpoint: endpoint, pipeline: pipeline.value, mailbox: mailbox,
                    silenceLimit: configuration.silenceLimit, milestones: milestones),
            ])
        } connected: {
            observe(.connected)
        } interrupted: { interruption in
            if !interruption.isFresh { eventLoop.execute { pipeline.value.failing(interruption.reason) } }
            observe(.disconnected(interruption.reason, retryingAfter: interruption.delay))
        }
        eventLoop.execute { pipeline.value.close() }
    }

    /// Sends commands together and returns their replies in order, error replies among them.
    ///
    /// The server executes them one after the other, but not as a transaction.
    ///
    /// - Parameter timeout: from now to the last reply; the configuration's when `nil`.
    /// - Throws: ``RedisError``; look at ``RedisError/isOutcomeUnknown``.
    package func send(_ commands: [RedisCommand], timeout: Duration? = nil) async throws(RedisError) -> [RedisValue] {
        try await send(commands, until: deadline(timeout))
    }

    /// Sends one command and returns its reply.
    ///
    /// - Throws: ``RedisError``; an error reply has the code `refused`.
    package func execute(_ command: RedisCommand, timeout: Duration? = nil) async throws(RedisError) -> RedisValue {
        let reply = try await send([command], timeout: timeout).first ?? .null
        if case .error(let message) = reply { throw RedisError(.refused, "\(endpoint) answered: \(message)") }
        return reply
    }

    /// How many commands are queued or in flight.
    package var commandsUnderWay: Int { mailbox.commandsUnderWay }

    /// The deadline of a call that begins now; for several calls that share one timeout.
    ///
    /// - Parameter timeout: the configuration's when `nil`.
    package func deadline(_ timeout: Duration? = nil) -> NIODeadline {
        .now() + TimeAmount(timeout ?? configuration.commandTimeout)
    }

    /// Sends commands together and returns their replies in order, error replies among them.
    ///
    /// - Throws: ``RedisError``; look at ``RedisError/isOutcomeUnknown``.
    package func send(_ commands: [RedisCommand], until deadline: NIODeadline) async throws(RedisError)
        -> [RedisValue]
    {
        if commands.isEmpty { return [] }
        let encoded = try encode(commands)
        let outcome = await withCheckedContinuation {
            (continuation: CheckedContinuation<RedisRequest.Outcome, Never>) in
            let request = RedisRequest(
                bytes: encoded, commandCount: commands.count, deadline: deadline, waiter: .caller(continuation))
            switch mailbox.put(request) {
            case .scheduled: eventLoop.execute { [pipeline] in pipeline.value.drainMailbox() }
            case .queued: break
            case .refused(let error): continuation.resume(returning: .failure(error))
            }
        }
        return try outcome.get()
    }

    private func encode(_ commands: [RedisCommand]) throws(RedisError) -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: commands.reduce(0) { $0 + $1.byteCount + 64 })
        for command in commands { try command.write(to: &buffer) }
        return buffer
    }
}
