package import NIOCore

/// What a subscriber hears.
package enum RedisSubscriptionEvent: Sendable, Hashable {
    /// All channels are subscribed; messages from before are lost. `again`: there had been a subscription before.
    case subscribed(again: Bool)
    case message(channel: String, payload: [UInt8])
}

/// A connection of its own that is subscribed to channels, and subscribes again whenever it is lost (RESP2 allows
/// nothing else on such a connection).
package final class RedisSubscriber: Sendable {
    private let endpoint: RedisEndpoint
    private let channels: [String]
    private let configuration: RedisConfiguration
    private let eventLoop: any EventLoop
    private let observe: @Sendable (RedisLinkEvent) -> Void
    private let receive: @Sendable (RedisSubscriptionEvent) -> Void

    /// Describes a subscription to at least one channel.
    ///
    /// - Parameters:
    ///   - observe: is told of each connection and each loss; must not block.
    ///   - receive: is called on the event loop, in order; must not block.
    package init(
        endpoint: RedisEndpoint, channels: [String], eventLoopGroup: any EventLoopGroup,
        configuration: RedisConfiguration = .init(), observe: @escaping @Sendable (RedisLinkEvent) -> Void = { _ in },
        receive: @escaping @Sendable (RedisSubscriptionEvent) -> Void
    ) {
        precondition(!channels.isEmpty, "a subscription needs a channel")
        self.endpoint = endpoint
        self.channels = channels
        self.configuration = configuration
        self.observe = observe
        self.receive = receive
        eventLoop = eventLoopGroup.next()
    }

    /// Keeps the subscription until the task is cancelled.
    package func run() async {
        let supervisor = ConnectionSupervisor(endpoint: endpoint, eventLoop: eventLoop, configuration: configuration)
        let (endpoint, channels, configuration, receive) = (endpoint, channels, configuration, receive)
        let history = NIOLoopBoundBox.makeBoxSendingValue(false, eventLoop: eventLoop)
        await supervisor.run { channel, milestones in
            let handler = SubscriptionHandler(
                endpoint: endpoint, channels: channels, heartbeatInterval: configuration.heartbeatInterval,
                milestones: milestones
            ) { event in
                switch event {
                case .subscribed:
                    receive(.subscribed(again: history.value))
                    history.value = true
                case .message: receive(event)
                }
            }
            try channel.pipeline.syncOperations.addHandlers([
                RedisReplyDecoder(limits: configuration.replyLimits), handler,
            ])
        } connected: {
            observe(.connected)
        } interrupted: { interruption in
            observe(.disconnected(interruption.reason, retryingAfter: interruption.delay))
        }
    }
}
