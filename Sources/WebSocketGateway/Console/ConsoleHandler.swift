import CollabModel
import NIOCore
import NIOWebSocket
import RuntimePorts

/// One operator's console: the last handler of an upgraded connection's pipeline. The console only listens.
///
/// Confined to its event loop.
final class ConsoleHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private enum State {
        /// The ports are asked. Nothing is read from the socket meanwhile; frames that had been read wait.
        case admitting(early: [WebSocketFrame])
        case open(ConsoleToken, ConsoleMailbox)
        /// A close was sent; the client's is awaited.
        case closing
        case closed
    }

    private let gateway: SessionGateway
    private let credentials: Credentials
    private var state = State.admitting(early: [])
    private var context: ChannelHandlerContext?
    private var heardAt = NIODeadline.now()
    private var messages: TokenBucket
    private var isAsking = false
    private var timer: Scheduled<Void>?

    init(gateway: SessionGateway, credentials: Credentials) {
        self.gateway = gateway
        self.credentials = credentials
        messages = TokenBucket(gateway.rates.messages, now: heardAt)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        setReading(false)
        wake(in: gateway.times.admitWithin)
        ask(context.eventLoop)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        over()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        over()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        heardAt = .now()
        receive(Self.unwrapInboundIn(data), context)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        // All answers to what was read at once.
        context.flush()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if case .open(_, let mailbox) = state { mailbox.setWritable(context.channel.isWritable) }
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: context.close(promise: nil)
        case is ChannelShouldQuiesceEvent: close(.nodeLeaving, "the node is leaving")
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    // MARK: Receiving

    private func receive(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
        switch state {
        case .admitting(var early):
            early.append(frame)
            state = .admitting(early: early)
        case .open: answer(frame, context)
        case .closing:
            if frame.opcode == .connectionClose { context.close(promise: nil) }
        case .closed: break
        }
    }

    private func answer(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
        guard messages.take(gateway.rates.messages, now: heardAt) else {
            return close(.protocolAbuse, "too many messages")
        }
        guard frame.maskKey != nil, !frame.rsv1, !frame.rsv2, !frame.rsv3 else {
            return close(.protocolAbuse, "a frame is not masked, or has a reserved bit")
        }
        switch frame.opcode {
        case .ping:
            // Answers that nobody reads would pile up.
            guard context.channel.isWritable else { return close(.protocolAbuse, "answers to pings are not read") }
            write(.pong, frame.unmaskedData)
        case .pong: break
        case .connectionClose:
            let bytes = frame.unmaskedData
            let code = bytes.getInteger(at: bytes.readerIndex, as: UInt16.self)
            close(code == nil ? nil : .normal, "")
            context.close(promise: nil)
        default: close(.protocolAbuse, "a console only listens")
        }
    }

    private func setReading(_ isReading: Bool) {
        _ = context?.channel.setOption(.autoRead, value: isReading)
    }

    // MARK: Admission

    /// Asks the ports whether he may look, one question at a time.
    private func ask(_ eventLoop: any EventLoop) {
        guard !isAsking else { return }
        isAsking = true
        let handler = NIOLoopBound(self, eventLoop: eventLoop)
        let (admissions, credentials) = (gateway.admissions, credentials)
        // Unstructured, since a channel handler has no task; it ends with the authenticator's answer.
        Task {
            let refusal = await admissions.refusalOfConsole(credentials)
            eventLoop.execute { handler.value.answered(refusal) }
        }
    }

    private func answered(_ refusal: ConsoleRefusal?) {
        isAsking = false
        switch state {
        case .admitting(let early): admit(refusal, early)
        case .open:
            // Ports that do not answer now do not blind those who look.
            guard let refusal, refusal.code != .overloaded else { return }
            close(refusal.code, refusal.reason)
        case .closing, .closed: break
        }
    }

    private func admit(_ refusal: ConsoleRefusal?, _ early: [WebSocketFrame]) {
        guard let context else { return }
        if let refusal { return close(refusal.code, refusal.reason) }
        guard let consoles = gateway.consoles else { return close(.overloaded, "this node has no console") }
        let mailbox = ConsoleMailbox(self, eventLoop: context.eventLoop)
        guard let token = consoles.open(mailbox) else { return close(.overloaded, "too many consoles are open") }
        state = .open(token, mailbox)
        mailbox.setWritable(context.channel.isWritable)
        heardAt = .now()
        wake(in: gateway.times.pingAfter)
        setReading(true)
        for frame in early { receive(frame, context) }
        context.flush()
    }

    // MARK: Sending

    /// Sends a message of the feed. The console is ready for the next when its bytes have left the buffer.
    func send(_ message: [UInt8]) {
        guard case .open(_, let mailbox) = state, let context else { return }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenComplete { _ in mailbox.sent() }
        let buffer = context.channel.allocator.buffer(bytes: message)
        context.writeAndFlush(
            Self.wrapOutboundOut(WebSocketFrame(fin: true, opcode: .text, data: buffer)), promise: written)
    }

    private func write(_ opcode: WebSocketOpcode, _ data: ByteBuffer) {
        context?.write(Self.wrapOutboundOut(WebSocketFrame(fin: true, opcode: opcode, data: data)), promise: nil)
    }

    // MARK: Liveness and ending

    private func wake(in time: TimeAmount) {
        timer?.cancel()
        guard let eventLoop = context?.eventLoop else { return }
        let handler = NIOLoopBound(self, eventLoop: eventLoop)
        timer = eventLoop.scheduleTask(in: time) { handler.value.due() }
    }

    private func due() {
        switch state {
        case .closed: return
        case .closing: context?.close(promise: nil)
        case .admitting: close(.overloaded, "the console could not be admitted in time")
        case .open:
            let silence = NIODeadline.now() - heardAt
            // Nobody is there to read a close.
            guard silence < gateway.times.pingAfter * 2 + gateway.times.pongWithin else {
                context?.close(promise: nil)
                return
            }
            write(.ping, ByteBuffer())
            context?.flush()
            wake(in: gateway.times.pingAfter)
            // The right to look may have been taken away, or the token may have ended.
            if let context { ask(context.eventLoop) }
        }
    }

    private func close(_ code: CloseCode?, _ reason: String) {
        switch state {
        case .closing, .closed: return
        case .open(let token, _): gateway.consoles?.close(token)
        case .admitting: setReading(true)
        }
        state = .closing
        var data = ByteBuffer()
        if let code { data.writeClose(code.rawValue, reason) }
        write(.connectionClose, data)
        context?.flush()
        wake(in: gateway.times.closeWithin)
    }

    private func over() {
        if case .open(let token, _) = state { gateway.consoles?.close(token) }
        state = .closed
        timer?.cancel()
    }
}
