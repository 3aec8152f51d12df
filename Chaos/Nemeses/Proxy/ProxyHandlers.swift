internal import NIOCore

/// Begins a proxied connection once it is known who dials.
final class ProxyAcceptHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let party: String
    private let dialler: FaultProxy.Dialler
    private let target: SocketAddress
    private let board: LinkBoard

    init(party: String, dialler: FaultProxy.Dialler, target: SocketAddress, board: LinkBoard) {
        self.party = party
        self.dialler = dialler
        self.target = target
        self.board = board
    }

    func channelActive(context: ChannelHandlerContext) {
        let link = Link(from: dialler.name(of: context.remoteAddress), to: party)
        let connection = ProxiedConnection(link, outer: context.channel, target: target, board: board)
        do {
            try context.pipeline.syncOperations.addHandler(connection.makeOuterHandler(), position: .after(self))
            connection.start()
        } catch {
            context.close(promise: nil)
        }
    }
}

/// Hands a socket's events to the lanes of its connection.
final class ProxySocketHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// The lane that reads from this socket.
    private let reads: ProxyLane
    /// The lane that writes to it.
    private let feeds: ProxyLane

    init(reads: ProxyLane, feeds: ProxyLane) {
        self.reads = reads
        self.feeds = feeds
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { reads.received(unwrapInboundIn(data)) }
    func channelReadComplete(context: ChannelHandlerContext) { reads.readCompleted() }
    func channelWritabilityChanged(context: ChannelHandlerContext) { feeds.pump() }
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .some(.inputClosed) = event as? ChannelEvent { reads.ended(.orderly) }
    }
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        reads.ended(.reset)
        context.close(promise: nil)
    }
}
