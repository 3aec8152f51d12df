internal import NIOCore

/// One connection that is subscribed to channels.
final class SubscriptionHandler: ChannelInboundHandler {
    typealias InboundIn = [RedisValue]
    typealias OutboundOut = ByteBuffer

    private let endpoint: RedisEndpoint
    private let channels: [String]
    private let heartbeatInterval: TimeAmount
    private let milestones: ConnectionSupervisor.Milestones
    private let receive: (RedisSubscriptionEvent) -> Void
    private var unconfirmed: Int
    private var lastHeard = NIODeadline.now()
    private var heartbeat: Scheduled<Void>?
    private var failure: RedisError?

    init(
        endpoint: RedisEndpoint, channels: [String], heartbeatInterval: Duration,
        milestones: ConnectionSupervisor.Milestones, receive: @escaping (RedisSubscriptionEvent) -> Void
    ) {
        self.endpoint = endpoint
        self.channels = channels
        self.heartbeatInterval = TimeAmount(heartbeatInterval)
        self.milestones = milestones
        self.receive = receive
        unconfirmed = channels.count
    }

    func channelActive(context: ChannelHandlerContext) {
        write(LoginSequence.authentication(endpoint) + [RedisCommand("SUBSCRIBE", arguments: channels)], context)
        scheduleHeartbeat(context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        lastHeard = .now()
        for reply in unwrapInboundIn(data) { handle(reply, context) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let lost = RedisError(.connectionLost, "the connection to \(endpoint) failed: \(error)")
        end((error as? RedisError) ?? lost, context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        heartbeat?.cancel()
        milestones.end(failure ?? RedisError(.connectionLost, "the connection to \(endpoint) was lost"))
        context.fireChannelInactive()
    }

    private func handle(_ reply: RedisValue, _ context: ChannelHandlerContext) {
        switch reply {
        case .error(let message):
            end(RedisError(.notConnected, "\(endpoint) refused the subscription: \(message)"), context)
        case .array(let parts) where parts.first?.text == "message" && parts.count == 3:
            if let channel = parts[1].text, case .bytes(let payload) = parts[2] {
                receive(.message(channel: channel, payload: payload))
            }
        case .array(let parts) where parts.first?.text == "subscribe":
            unconfirmed -= 1
            if unconfirmed == 0 {
                milestones.ready.succeed(())
                receive(.subscribed(again: false))
            }
        case .status, .integer, .bytes, .array, .null: break  // The answers to AUTH and PING.
        }
    }

    private func scheduleHeartbeat(_ context: ChannelHandlerContext) {
        heartbeat = context.eventLoop.assumeIsolated().scheduleTask(in: heartbeatInterval) {
            if NIODeadline.now() - self.lastHeard > self.heartbeatInterval * 3 {
                self.end(RedisError(.connectionLost, "\(self.endpoint) was silent for too long"), context)
            } else {
                self.write([RedisCommand("PING")], context)
                self.scheduleHeartbeat(context)
            }
        }
    }

    private func write(_ commands: [RedisCommand], _ context: ChannelHandlerContext) {
        var buffer = context.channel.allocator.buffer(capacity: 128)
        do throws(RedisError) {
            for command in commands { try command.write(to: &buffer) }
            context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        } catch {
            end(error, context)
        }
    }

    private func end(_ reason: RedisError, _ context: ChannelHandlerContext) {
        if failure == nil { failure = reason }
        context.close(promise: nil)
    }
}
