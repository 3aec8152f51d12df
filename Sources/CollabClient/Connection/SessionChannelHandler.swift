import CollabModel
import NIOCore
import NIOWebSocket

/// One connection of a session: WebSocket frames to messages and back. Lives on the session's event loop.
final class SessionChannelHandler: ChannelInboundHandler {
    typealias InboundIn = WebSocketFrame
    typealias OutboundOut = WebSocketFrame

    private let core: SessionCore
    /// Which attempt to connect this connection came of: what an earlier one still says is not heard.
    let attempt: UInt64
    private let frameBytes: Int
    private var context: ChannelHandlerContext?
    private var fragments: ByteBuffer?
    private var isReading = false
    private var hasWritten = false
    private var closeCode: UInt16?
    private var reason = "the connection was lost"
    private var isClosing = false

    init(core: SessionCore, attempt: UInt64, frameBytes: Int) {
        self.core = core
        self.attempt = attempt
        self.frameBytes = frameBytes
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        core.opened(self)
    }

    func channelInactive(context: ChannelHandlerContext) {
        ended()
        context.fireChannelInactive()
    }

    /// A connection that ended during its upgrade has told so before this handler was in place.
    func handlerRemoved(context: ChannelHandlerContext) { ended() }

    private func ended() {
        guard context != nil else { return }
        context = nil
        core.closed(self, code: closeCode, reason: reason)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        reason = "\(error)"
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        let frame = unwrapInboundIn(data)
        switch frame.opcode {
        case .text, .binary, .continuation: take(frame, context)
        case .ping: write(.pong, frame.unmaskedData)
        case .pong: core.heard(self)
        case .connectionClose: answerClose(frame.unmaskedData, context)
        default: break
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        flushIfNeeded()
    }

    private func take(_ frame: WebSocketFrame, _ context: ChannelHandlerContext) {
        if frame.fin, fragments == nil {
            core.received(frame.unmaskedData, on: self)
            return
        }
        var message = fragments ?? context.channel.allocator.buffer(capacity: frame.length)
        var data = frame.unmaskedData
        message.writeBuffer(&data)
        guard message.readableBytes <= frameBytes else {
            reason = "the node sent a message that is too long"
            context.close(promise: nil)
            return
        }
        fragments = frame.fin ? nil : message
        if frame.fin { core.received(message, on: self) }
    }

    private func answerClose(_ data: ByteBuffer, _ context: ChannelHandlerContext) {
        var data = data
        closeCode = data.readInteger(as: UInt16.self)
        let text = data.readString(length: data.readableBytes) ?? ""
        reason = text.isEmpty ? "closed by the node" : text
        guard !isClosing else {
            context.close(promise: nil)
            return
        }
        isClosing = true
        var payload = context.channel.allocator.buffer(capacity: 2)
        payload.writeInteger(closeCode ?? CloseCode.normal.rawValue)
        write(.connectionClose, payload)
        context.flush()
        context.close(promise: nil)
    }

    /// Sends a text message; flushed at the end of the read under way, or at once.
    func send(_ json: [UInt8]) {
        guard let context, !isClosing else { return }
        write(.text, context.channel.allocator.buffer(bytes: json))
        if !isReading { flushIfNeeded() }
    }

    /// Says goodbye and ends the connection without waiting for the answer: what is unsaved is resumed elsewhere.
    func close(_ code: CloseCode) {
        guard let context, !isClosing else { return }
        isClosing = true
        closeCode = code.rawValue
        reason = "closed by the client"
        var payload = context.channel.allocator.buffer(capacity: 2)
        payload.writeInteger(code.rawValue)
        let frame = WebSocketFrame(fin: true, opcode: .connectionClose, maskKey: .random(), data: payload)
        context.writeAndFlush(wrapOutboundOut(frame), promise: nil)
        context.close(promise: nil)
    }

    private func write(_ opcode: WebSocketOpcode, _ data: ByteBuffer) {
        guard let context else { return }
        hasWritten = true
        context.write(
            wrapOutboundOut(WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)), promise: nil)
    }

    private func flushIfNeeded() {
        guard hasWritten else { return }
        hasWritten = false
        context?.flush()
    }
}
