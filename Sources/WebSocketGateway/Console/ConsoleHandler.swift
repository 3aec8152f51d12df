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
        case admitting
        case open(ConsoleToken, ConsoleMailbox)
        /// A close was sent; the client's is awaited.
        case closing
        case closed
    }

    private let gateway: SessionGateway
    private let credentials: Credentials
    private var state = State.admitting
    private var context: ChannelHandlerContext?
    private var heardAt = NIODeadline.now()
    private var timer: Scheduled<Void>?

    init(gateway: SessionGateway, credentials: Credentials) {
        self.gateway = gateway
        self.credentials = credentials
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let eventLoop = context.eventLoop
        let handler = NIOLoopBound(self, eventLoop: eventLoop)
        wake(in: gateway.times.admitWithin)
        let (admissions, credentials) = (gateway.admissions, credentials)
        // Unstructured, since a channel handler has no task; it ends with the authenticator's answer.
        Task {
            let refusal = await admissions.refusalOfConsole(credentials)
            eventLoop.execute { handler.value.admit(refusal) }
        }
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
        let frame = Self.unwrapInboundIn(data)
        if case .closing = state {
            if frame.opcode == .connectionClose { context.close(promise: nil) }
            return
        }
        switch frame.opcode {
        case .ping:
            write(.pong, frame.unmaskedData)
            context.flush()
        case .pong: break
        case .connectionClose:
            let bytes = frame.unmaskedData
            let code = bytes.getInteger(at: bytes.readerIndex, as: UInt16.self)
            close(code == nil ? nil : .normal, "")
            context.close(promise: nil)
        default: close(.protocolAbuse, "a console only listens")
        }
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

    // MARK: Admission

    private func admit(_ refusal: ConsoleRefusal?) {
        guard case .admitting = state, let context else { return }
        if let refusal { return close(refusal.code, refusal.reason) }
        guard let consoles = gateway.consoles else { return close(.overloaded, "this node has no console") }
        let mailbox = ConsoleMailbox(self, eventLoop: context.eventLoop)
        guard let token = consoles.open(mailbox) else { return close(.overloaded, "too many consoles are open") }
        state = .open(token, mailbox)
        mailbox.setWritable(context.channel.isWritable)
        wake(in: gateway.times.pingAfter)
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
        }
    }

    private func close(_ code: CloseCode?, _ reason: String) {
        switch state {
        case .closing, .closed: return
        case .open(let token, _): gateway.consoles?.close(token)
        case .admitting: break
        }
        state = .closing
        var data = ByteBuffer()
        if let code {
            data.writeInteger(code.rawValue)
            // A control frame has 125 bytes at most (RFC 6455, section 5.5); reasons may come from an authenticator.
            for scalar in reason.unicodeScalars where data.readableBytes + UTF8.width(scalar) <= 125 {
                data.writeString(String(scalar))
            }
        }
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
