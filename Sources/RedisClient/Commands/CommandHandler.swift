internal import DequeModule
internal import NIOCore

/// One connection's requests in the order in which they were written; replies come in the same order.
final class CommandHandler: ChannelInboundHandler {
    typealias InboundIn = [RedisValue]
    typealias OutboundOut = ByteBuffer

    private struct Pending {
        let request: RedisRequest
        let sent: NIODeadline
        var replies: [RedisValue] = []
        /// Its caller was told that the time is over; the replies still have to be read past.
        var isAbandoned = false
    }

    private let endpoint: RedisEndpoint
    private let pipeline: CommandPipeline
    private let mailbox: CommandMailbox
    private let silenceLimit: TimeAmount
    private let milestones: ConnectionSupervisor.Milestones
    private var context: ChannelHandlerContext?
    private var pending = Deque<Pending>()
    private var lastHeard = NIODeadline.now()
    private var failure: RedisError?

    init(
        endpoint: RedisEndpoint, pipeline: CommandPipeline, mailbox: CommandMailbox, silenceLimit: Duration,
        milestones: ConnectionSupervisor.Milestones
    ) {
        self.endpoint = endpoint
        self.pipeline = pipeline
        self.mailbox = mailbox
        self.silenceLimit = TimeAmount(silenceLimit)
        self.milestones = milestones
    }

    /// Whether replies are outstanding.
    var hasPending: Bool { !pending.isEmpty }

    /// Writes requests with one flush.
    func send(_ requests: [RedisRequest]) {
        guard let context, let first = requests.first else { return }
        let now = NIODeadline.now()
        var buffer = first.bytes
        if requests.count > 1 { buffer.reserveCapacity(requests.reduce(0) { $0 + $1.bytes.readableBytes }) }
        pending.append(Pending(request: first, sent: now))
        for request in requests.dropFirst() {
            buffer.writeImmutableBuffer(request.bytes)
            pending.append(Pending(request: request, sent: now))
        }
        // A failed write closes the channel, and its end fails what is pending.
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    /// Tells callers whose time is over, and closes a connection that has gone silent.
    func expire(_ now: NIODeadline) {
        for index in pending.indices where pending[index].request.deadline <= now && !pending[index].isAbandoned {
            pending[index].isAbandoned = true
            pending[index].request.complete(
                .failure(RedisError(.timedOut, "\(endpoint) did not answer in time")))
        }
        if let oldest = pending.first, now - max(lastHeard, oldest.sent) > silenceLimit {
            end(RedisError(.connectionLost, "\(endpoint) was silent for too long"))
        }
    }

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        let commands = LoginSequence.commands(endpoint)
        var buffer = context.channel.allocator.buffer(capacity: 128)
        do throws(RedisError) {
            for command in commands { try command.write(to: &buffer) }
            send([
                RedisRequest(bytes: buffer, commandCount: commands.count, deadline: .distantFuture, waiter: .login)
            ])
        } catch {
            end(error)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastHeard = .now()
        var answered: [Pending] = []
        for reply in unwrapInboundIn(data) {
            guard !pending.isEmpty else {
                end(RedisError(.protocolViolation, "\(endpoint) sent a reply that nobody asked for"))
                break
            }
            pending[0].replies.append(reply)
            guard pending[0].replies.count == pending[0].request.commandCount else { continue }
            let done = pending.removeFirst()
            if case .login = done.request.waiter {
                finishLogin(done.replies)
                continue
            }
            answered.append(done)
        }
        // First, so that a caller who goes on finds the room that its commands took.
        mailbox.release(answered.map(\.request))
        for done in answered where !done.isAbandoned { done.request.complete(.success(done.replies)) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end((error as? RedisError) ?? RedisError(.connectionLost, "the connection to \(endpoint) failed: \(error)"))
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        pipeline.lost(self)
        let reason = failure ?? RedisError(.connectionLost, "the connection to \(endpoint) was lost")
        failPending(reason)
        milestones.end(reason)
        context.fireChannelInactive()
    }

    private func finishLogin(_ replies: [RedisValue]) {
        if let refusal = LoginSequence.refusal(in: replies, by: endpoint) {
            end(refusal)
        } else {
            pipeline.connected(self)
            milestones.ready.succeed(())
        }
    }

    private func end(_ reason: RedisError) {
        if failure == nil { failure = reason }
        context?.close(promise: nil)
    }

    private func failPending(_ reason: RedisError) {
        let failed = pending.filter { if case .caller = $0.request.waiter { true } else { false } }
        pending = []
        mailbox.release(failed.map(\.request))
        for entry in failed where !entry.isAbandoned { entry.request.complete(.failure(reason)) }
    }
}
