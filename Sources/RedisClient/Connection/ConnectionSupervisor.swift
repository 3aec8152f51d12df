internal import NIOCore
internal import NIOPosix

/// Keeps one connection: connects, logs in, waits for its end, backs off, connects again, until its task is cancelled.
struct ConnectionSupervisor: Sendable {
    /// Adds the handlers of a new channel, which keep the promises of ``Milestones``.
    typealias Installer = @Sendable (any Channel, Milestones) throws -> Void

    /// What a connection's handlers promise.
    struct Milestones: Sendable {
        /// The login has succeeded or failed.
        let ready: EventLoopPromise<Void>
        /// The channel is closed, for this reason.
        let ended: EventLoopPromise<RedisError>

        /// Keeps both promises at the end of a channel; what was kept earlier stays.
        func end(_ reason: RedisError) {
            ready.fail(RedisError(.notConnected, reason.message))
            ended.succeed(reason)
        }
    }

    /// Why there is no connection now, and whether commands may wait for the next attempt.
    struct Interruption: Sendable {
        let reason: RedisError
        let delay: Duration
        /// Whether the connection had worked until now: only then is it likely to be back at once.
        let isFresh: Bool
    }

    let endpoint: RedisEndpoint
    let eventLoop: any EventLoop
    let configuration: RedisConfiguration

    /// Runs until the task is cancelled; the channel is closed then.
    func run(
        install: @escaping Installer, connected: @Sendable () -> Void, interrupted: @Sendable (Interruption) -> Void
    ) async {
        var backoff = configuration.backoff
        var random = configuration.random
        while !Task.isCancelled {
            var isFresh = false
            let reason: RedisError
            do throws(RedisError) {
                let connection = CancellableChannel()
                let end = try await connect(connection, install: install)
                connected()
                let start = NIODeadline.now()
                reason = await wait(for: end, of: connection)
                isFresh = NIODeadline.now() - start >= TimeAmount(configuration.stableAfter)
            } catch {
                reason = error
            }
            if Task.isCancelled { break }
            if isFresh { backoff.reset() }
            let delay = backoff.next(using: &random)
            interrupted(Interruption(reason: reason, delay: delay, isFresh: isFresh))
            // Only cancellation ends the sleep early, and the loop looks for that itself.
            try? await configuration.clock.sleep(for: delay)
        }
    }

    /// Connects and logs in; returns the future of the connection's end.
    private func connect(
        _ connection: CancellableChannel, install: @escaping Installer
    ) async throws(RedisError) -> EventLoopFuture<RedisError> {
        let milestones = Milestones(
            ready: eventLoop.makePromise(of: Void.self), ended: eventLoop.makePromise(of: RedisError.self))
        let limit = TimeAmount(configuration.connectTimeout)
        let late = RedisError(.notConnected, "\(endpoint) did not answer within \(configuration.connectTimeout)")
        let timer = eventLoop.scheduleTask(in: limit) { milestones.ready.fail(late) }
        defer { timer.cancel() }
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(limit)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    connection.adopt(channel)
                    try install(channel, milestones)
                }
            }
        let outcome: Result<Void, any Error> = await withTaskCancellationHandler {
            do {
                _ = try await bootstrap.connect(host: endpoint.host, port: endpoint.port).get()
                return .success(try await milestones.ready.futureResult.get())
            } catch {
                return .failure(error)
            }
        } onCancel: {
            connection.close()
        }
        if case .failure(let error) = outcome {
            connection.close()
            let unreachable = RedisError(.notConnected, "\(endpoint) cannot be reached: \(error)")
            let reason = (error as? RedisError) ?? unreachable
            milestones.end(reason)
            throw reason
        }
        return milestones.ended.futureResult
    }

    /// Waits for the end of a connection; cancellation brings it about.
    private func wait(for end: EventLoopFuture<RedisError>, of connection: CancellableChannel) async -> RedisError {
        await withTaskCancellationHandler {
            do {
                return try await end.get()
            } catch {
                return RedisError(.connectionLost, "the connection to \(endpoint) was lost: \(error)")
            }
        } onCancel: {
            connection.close()
        }
    }
}
