internal import CollabModel
internal import HTTP2Session
internal import Logging
internal import NIOCore
internal import NIOSSL
internal import RuntimePorts

/// What a connection tells its transport, on the event loop.
struct PeerConnectionEvents: Sendable {
    /// The peer speaks HTTP/2: calls can be made.
    var ready: @Sendable () -> Void = {}
    var silenceChanged: @Sendable (_ isSilent: Bool) -> Void = { _ in }
    /// The peer takes no further streams.
    var leaving: @Sendable () -> Void = {}
    /// The last event.
    var closed: @Sendable (PeerFailure) -> Void = { _ in }
}

/// Runs HTTP/2 and the peer protocol on one channel, in either role.
///
/// Reading order: `channelRead` feeds the codec, `process` tells exchanges what came, `pump` sends what they answered.
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
    private let events: PeerConnectionEvents
    private let service: @Sendable () -> (any PeerService)?
    private let streamHeaders: HTTP2HeaderBlock
    private let requestHeaders: HTTP2HeaderBlock

    var context: ChannelHandlerContext?
    var exchanges: [UInt64: any PeerExchange] = [:]
    var monitor: HeartbeatMonitor
    var isLeaving = false
    var heartbeat: Scheduled<Void>?
    var armedDeadline: (NIODeadline, Scheduled<Void>)?
    private var isStarted = false
    private var isReady = false
    private var isPumping = false
    private var isClosing = false
    private var isClosed = false
    private var failure: PeerFailure?
    private var unanswered = 0
    private var scratch = ByteBuffer()
    private var commands: [PeerCommand] = []
    private var lastPeer: (HTTP2HeaderBlock, PeerEndpoint, NodeIdentity)?

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

    // MARK: Events of the codec

    private func process(_ made: [HTTP2Event]) {
        for event in made {
            guard !isClosed else { return }
            switch event {
            case .headers(let stream, let block):
                if let exchange = exchanges[stream.tag] {
                    exchange.receivedHeaders(block)
                } else if session.role == .server, stream.tag == 0 {
                    accept(stream, block)
                }
            case .data(let stream):
                if let exchange = exchanges[stream.tag] { exchange.receivedData() } else { discard(stream) }
            case .ended(let stream):
                exchanges[stream.tag]?.receivedEnd()
            case .closed(let stream, let code):
                exchanges.removeValue(forKey: stream.tag)?.closed(Self.failure(of: code))
                stream.observer = nil
            case .settings:
                if !isReady {
                    isReady = true
                    events.ready()
                }
            case .goAway:
                isLeaving = true
                events.leaving()
            }
        }
    }

    private func discard(_ stream: HTTP2Stream) {
        stream.inbound.clear()
        attempt { session throws(HTTP2Error) in try session.consume(stream) }
    }

    private static func failure(of code: HTTP2ErrorCode) -> PeerFailure {
        switch code {
        case .noError, .cancel, .refusedStream: .closed
        case .enhanceYourCalm: .overflow
        default: .protocolError("the peer ended the stream with HTTP/2 error \(code.rawValue)")
        }
    }

    /// A peer opened a stream.
    private func accept(_ stream: HTTP2Stream, _ block: HTTP2HeaderBlock) {
        stream.tag = connection.makeID()
        let endpoint: PeerEndpoint
        let peer: NodeIdentity
        if let (known, knownEndpoint, knownPeer) = lastPeer, known == block {
            (endpoint, peer) = (knownEndpoint, knownPeer)
        } else {
            switch headers.admit(block) {
            case .failure(let refusal): return refuse(stream, refusal.status)
            case .success(let admitted): (endpoint, peer) = admitted
            }
            lastPeer = (block, endpoint, peer)
        }
        guard !isLeaving else { return refuse(stream, .unavailable) }
        let exchange: any PeerExchange & HTTP2StreamObserver =
            switch endpoint {
            case .stream: StreamExchange(accepting: stream, from: peer, host: self)
            case .request: UnaryAnswer(stream, from: peer, host: self)
            }
        exchanges[exchange.id] = exchange
        stream.observer = exchange
    }

    func beginAnswer() -> (any PeerService)? {
        guard unanswered < configuration.unansweredRequests, let service = service() else { return nil }
        unanswered += 1
        return service
    }

    func endAnswer() { unanswered -= 1 }

    func forget(_ exchange: any PeerExchange) { exchanges[exchange.id] = nil }

    func keep(_ exchange: any PeerExchange) { exchanges[exchange.id] = exchange }

    // MARK: Commands

    func mailboxFilled() {
        performCommands()
        pump()
    }

    private func performCommands() {
        commands.removeAll(keepingCapacity: true)
        connection.takeCommands(&commands)
        for command in commands { perform(command) }
        commands.removeAll(keepingCapacity: true)
    }

    private func perform(_ command: PeerCommand) {
        switch command {
        case .write(let id, let bytes): (exchanges[id] as? StreamExchange)?.write(bytes)
        case .close(let id): (exchanges[id] as? StreamExchange)?.closeLocally()
        case .overflow(let id): (exchanges[id] as? StreamExchange)?.overflow()
        case .resume(let id): exchanges[id]?.receivedData()
        case .cancel(let id): exchanges[id]?.cancelled()
        case .open(let call): open(call)
        case .request(let call): request(call)
        case .decided(let id, let decision):
            endAnswer()
            if let exchange = exchanges[id] as? StreamExchange {
                exchange.decided(decision)
            } else {
                StreamExchange.refuseLate(decision, connection)
            }
        case .answered(let id, let bytes):
            endAnswer()
            (exchanges[id] as? UnaryAnswer)?.answer(bytes)
        case .giveUpDialling:
            if !isReady { close(.silent) }
        case .retire:
            isLeaving = true
        case .shutDown(let grace):
            shutDown(grace)
        }
    }

    private func open(_ call: StreamCall) {
        guard !isLeaving, !isClosed else { return call.fail(failure ?? .closed) }
        do throws(HTTP2Error) {
            let stream = try session.request(streamHeaders)
            stream.tag = call.handle.id
            let exchange = StreamExchange(calling: call, on: stream, host: self)
            exchanges[call.handle.id] = exchange
            stream.observer = exchange
            session.write(call.frame, to: stream)
            arm(call.deadline)
        } catch {
            call.fail(.closed)
        }
    }

    private func request(_ call: UnaryCall) {
        guard !isLeaving, !isClosed else { return call.fail(failure ?? .closed) }
        do throws(HTTP2Error) {
            let stream = try session.request(requestHeaders)
            stream.tag = call.id
            exchanges[call.id] = UnaryExchange(call, on: stream, host: self)
            session.write(call.frame, to: stream)
            session.finish(stream)
            arm(call.deadline)
        } catch {
            call.fail(.closed)
        }
    }

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
    }

    func silenceChanged(isSilent: Bool) {
        events.silenceChanged(isSilent)
        for exchange in exchanges.values.sorted(by: { $0.id < $1.id }) { exchange.silenceChanged(isSilent: isSilent) }
    }
}
