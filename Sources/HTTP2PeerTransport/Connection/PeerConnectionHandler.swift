internal import CollabModel
internal import HTTP2Session
internal import Logging
internal import NIOCore
internal import NIOSSL
internal import RuntimePorts

/// Runs HTTP/2 and the peer protocol on one channel, in either role.
///
/// Reading order: `channelRead` feeds the codec, `process` (`+Events`) tells exchanges what came, `pump` sends what they
/// answered; `perform` (`+Commands`) does what other threads ask; `+Time` has heartbeats and deadlines.
final class PeerConnectionHandler: ChannelInboundHandler, PeerExchangeHost {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// How many bytes of frames go into one write.
    private static let gatheredBytes = 32 << 10

    let session: HTTP2Session
    let connection: PeerConnection
    let configuration: HTTP2PeerTransportConfiguration
    let headers: PeerHeaders
    let statistics: PeerTransportStatistics
    let logger: Logger
    let events: PeerConnectionEvents
    private let service: @Sendable () -> (any PeerService)?
    let streamHeaders: HTTP2HeaderBlock
    let requestHeaders: HTTP2HeaderBlock

    var context: ChannelHandlerContext?
    var exchanges: [UInt64: any PeerExchange] = [:]
    var monitor: HeartbeatMonitor
    var isLeaving = false
    var heartbeat: Scheduled<Void>?
    var armedDeadline: (NIODeadline, Scheduled<Void>)?
    private var isStarted = false
    var isReady = false
    private var isPumping = false
    private var isClosing = false
    var isClosed = false
    var failure: PeerFailure?
    private var unanswered = 0
    private var scratch = ByteBuffer()
    var commands: [PeerCommand] = []
    var lastPeer: (HTTP2HeaderBlock, PeerEndpoint, NodeIdentity)?

    init(
        role: HTTP2Session.Role, address: PeerAddress, connection: PeerConnection,
        configuration: HTTP2PeerTransportConfiguration, headers: PeerHeaders, statistics: PeerTransportStatistics,
        logger: Logger, service: @escaping @Sendable () -> (any PeerService)?, events: PeerConnectionEvents
    ) throws(HTTP2Error) {
        session = try HTTP2Session(role: role, settings: HTTP2Settings())
        self.connection = connection
        self.configuration = configuration
        self.headers = headers
        self.statistics = statistics
        self.logger = logger
        self.service = service
        self.events = events
        streamHeaders = PeerHeaders.request(.stream, configuration, to: address)
        requestHeaders = PeerHeaders.request(.request, configuration, to: address)
        monitor = HeartbeatMonitor(times: configuration.heartbeat, now: Self.now())
    }

    /// A reading of the event loop's clock.
    static func now() -> Duration { .nanoseconds(Int64(clamping: NIODeadline.now().uptimeNanoseconds)) }

    // MARK: The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { start() }
    }

    func channelActive(context: ChannelHandlerContext) {
        start()
        context.fireChannelActive()
    }

    private func start() {
        guard !isStarted, !isClosed else { return }
        isStarted = true
        statistics.connectionOpened()
        connection.attach(self)
        monitor = HeartbeatMonitor(times: configuration.heartbeat, now: Self.now())
        scheduleHeartbeat()
        pump()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        if monitor.heard() == .heard { silenceChanged(isSilent: false) }
        attempt { session throws(HTTP2Error) in
            let result = bytes.withUnsafeReadableBytes { bytes in
                Result<Void, HTTP2Error> { () throws(HTTP2Error) in try session.receive(bytes) }
            }
            try result.get()
        }
        process(session.takeEvents())
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        pump()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        pump()
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        finish()
        self.context = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.debug("connection to a peer failed", metadata: ["error": "\(error)"])
        switch error {
        case NIOSSLError.uncleanShutdown: close(.closed)
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: close(.protocolError("TLS: \(error)"))
        default: close(isReady ? .closed : DialFailure.failure(of: error))
        }
    }

    // MARK: Bytes out

    /// Sends while the channel takes it, one flush for each buffer full of frames.
    func pump() {
        guard !isPumping, !isClosed, let context else { return }
        isPumping = true
        defer { isPumping = false }
        repeat {
            while context.channel.isWritable && !isClosed {
                scratch.clear(minimumCapacity: Self.gatheredBytes)
                attempt { session throws(HTTP2Error) in
                    try session.gather(into: &scratch, limit: Self.gatheredBytes)
                }
                guard scratch.readableBytes > 0 else { break }
                context.writeAndFlush(wrapOutboundOut(scratch), promise: nil)
            }
            let made = session.takeEvents()
            guard !made.isEmpty else { break }
            process(made)
        } while !isClosed
        if session.isFinished || (isLeaving && exchanges.isEmpty && session.streamCount == 0) { closeBehindWrites() }
    }

    /// Closes when everything that was written has left: the last frames say why.
    private func closeBehindWrites() {
        guard !isClosing, !isClosed, let context else { return }
        isClosing = true
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in self.close(.closed) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer()), promise: written)
    }

    func attempt(_ body: (HTTP2Session) throws(HTTP2Error) -> Void) {
        do throws(HTTP2Error) {
            try body(session)
        } catch {
            logger.warning("HTTP/2 to a peer failed", metadata: ["error": "\(error)"])
            close(.protocolError(error.description))
        }
    }

    func beginAnswer() -> (any PeerService)? {
        guard unanswered < configuration.unansweredRequests, let service = service() else { return nil }
        unanswered += 1
        return service
    }

    func endAnswer() { unanswered -= 1 }

    func forget(_ exchange: any PeerExchange) { exchanges[exchange.id] = nil }

    func keep(_ exchange: any PeerExchange) { exchanges[exchange.id] = exchange }

    // MARK: The end

    /// Closes the channel; streams end with `failure`.
    func close(_ failure: PeerFailure) {
        guard !isClosed else { return }
        if self.failure == nil { self.failure = failure }
        context?.close(promise: nil)
    }

    private func finish() {
        guard !isClosed else { return }
        isClosed = true
        heartbeat?.cancel()
        armedDeadline?.1.cancel()
        // What was asked before the mailbox closed is taken up and then fails with all else.
        connection.closeMailbox()
        performCommands()
        let failure = failure ?? .closed
        for stream in session.abandon() { stream.observer = nil }
        let ended = exchanges.values.sorted { $0.id < $1.id }
        exchanges.removeAll()
        for exchange in ended { exchange.closed(failure) }
        // A channel that was never active belongs to the dialler, which knows why.
        guard isStarted else { return }
        statistics.connectionClosed()
        events.closed(failure)
        connection.announceEnd()
    }

    func silenceChanged(isSilent: Bool) {
        events.silenceChanged(isSilent)
        for exchange in exchanges.values.sorted(by: { $0.id < $1.id }) { exchange.silenceChanged(isSilent: isSilent) }
    }
}
