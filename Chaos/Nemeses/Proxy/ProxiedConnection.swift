internal import Glibc
internal import NIOCore
internal import NIOPosix

/// A connection that was accepted for a link, and the one that was made for it behind the proxy. Lives on the event loop
/// of the accepted one.
final class ProxiedConnection {
    /// A connection as other threads name it.
    final class Handle: Sendable {
        let link: Link
        private let connection: NIOLoopBound<ProxiedConnection>
        private let eventLoop: any EventLoop

        fileprivate init(_ connection: ProxiedConnection) {
            link = connection.link
            eventLoop = connection.eventLoop
            self.connection = NIOLoopBound(connection, eventLoop: connection.eventLoop)
        }

        /// Looks at the board again, and returns when that was done.
        func conditionChanged() async { await perform { $0.conditionChanged() } }
        /// Ends the connection as a program ends it that closes its sockets.
        func drop() async { await perform { $0.close(resetting: false) } }
        /// Ends the connection as a system ends it that knows nothing of it.
        func reset() async { await perform { $0.close(resetting: true) } }

        /// How much waits to be passed on.
        var waitingBytes: Int {
            get async {
                let connection = connection
                return (try? await eventLoop.submit { connection.value.waitingBytes }.get()) ?? 0
            }
        }

        private func perform(_ body: @escaping @Sendable (ProxiedConnection) -> Void) async {
            let connection = connection
            // The loop of a proxy that is shut down has no connections any more.
            try? await eventLoop.submit { body(connection.value) }.get()
        }
    }

    let link: Link
    let eventLoop: any EventLoop
    private let board: LinkBoard
    private let target: SocketAddress
    private let outer: any Channel
    private var inner: (any Channel)?
    private let forward: ProxyLane
    private let backward: ProxyLane
    private var isDialling = false
    private var isClosed = false
    private var orderlyEnds = 0
    private var handle: Handle?

    init(_ link: Link, outer: any Channel, target: SocketAddress, board: LinkBoard) {
        self.link = link
        self.outer = outer
        self.target = target
        self.board = board
        eventLoop = outer.eventLoop
        forward = ProxyLane(eventLoop: eventLoop)
        backward = ProxyLane(eventLoop: eventLoop)
    }

    /// Begins; the accepted channel is active.
    func start() {
        let handle = Handle(self)
        self.handle = handle
        board.add(handle)
        forward.onEnd = { self.ended($0, at: self.inner) }
        backward.onEnd = { self.ended($0, at: self.outer) }
        outer.closeFuture.assumeIsolated().whenComplete { _ in self.lost(self.forward, told: self.backward) }
        forward.connect(source: outer, sink: nil)
        conditionChanged()
    }

    /// What reads from the accepted socket and writes to it.
    func makeOuterHandler() -> ProxySocketHandler { ProxySocketHandler(reads: forward, feeds: backward) }

    func conditionChanged() {
        guard !isClosed else { return }
        let condition = board.condition(of: link)
        forward.take(condition.forward)
        backward.take(condition.backward)
        endWithLostSocket()
        guard !isClosed, inner == nil, !isDialling, !condition.isUnreachable else { return }
        if condition.refuses { return close(resetting: true) }
        dial()
    }

    private var waitingBytes: Int { forward.queuedBytes + backward.queuedBytes }

    private func dial() {
        isDialling = true
        let handler = NIOLoopBound(ProxySocketHandler(reads: backward, feeds: forward), eventLoop: eventLoop)
        ClientBootstrap(group: eventLoop)
            .connectTimeout(.seconds(5))
            .channelOption(.autoRead, value: false)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(handler.value) }
            }
            .connect(to: target)
            .assumeIsolated()
            .whenComplete { result in
                switch result {
                case .failure: self.close(resetting: true)
                case .success(let channel): self.connected(channel)
                }
            }
    }

    private func connected(_ channel: any Channel) {
        guard !isClosed else { return channel.close(promise: nil) }
        inner = channel
        channel.closeFuture.assumeIsolated().whenComplete { _ in self.lost(self.backward, told: self.forward) }
        forward.connect(source: outer, sink: channel)
        backward.connect(source: channel, sink: outer)
    }

    /// A socket is gone, and with it its sender; what it sent before still passes. One that was told that the other has
    /// no more simply ends when it has no more either; had it failed, its lane would know by now.
    private func lost(_ lane: ProxyLane, told other: ProxyLane) {
        guard !isClosed else { return }
        lane.ended(other.endedInOrder ? .orderly : .reset)
        endWithLostSocket()
    }

    /// Where a sender has ended and its socket is gone, there is nobody left to whom the other could send.
    private func endWithLostSocket() {
        guard !isClosed, !(forward.endedInOrder && backward.endedInOrder) else { return }
        let isOver =
            (forward.hasEnded && !outer.isActive) || (backward.hasEnded && inner.map { !$0.isActive } ?? false)
        if isOver, !board.condition(of: link).isUnreachable { close(resetting: true) }
    }

    /// A sender's end has arrived behind everything that it sent.
    private func ended(_ how: ProxyLane.End, at sink: (any Channel)?) {
        switch how {
        case .reset: close(resetting: true)
        case .orderly:
            orderlyEnds += 1
            if orderlyEnds == 2 { return close(resetting: false) }
            sink?.close(mode: .output, promise: nil)
        }
    }

    func close(resetting: Bool) {
        guard !isClosed else { return }
        isClosed = true
        if let handle { board.remove(handle) }
        handle = nil
        forward.stop()
        backward.stop()
        for channel in [outer, inner].compactMap(\.self) where channel.isActive {
            // A close that lingers for no time resets (tcp(7), SO_LINGER of socket(7)).
            if resetting {
                _ = (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
            }
            channel.close(promise: nil)
        }
        inner = nil
    }
}
