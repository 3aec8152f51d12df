import NIOCore
import SessionProtocol

/// Takes a raw session's bytes apart and keeps its messages until a test asks for them. Confined to its event loop.
final class RawInbox: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private struct Waiter {
        let number: Int
        /// Whether what was waited for is there, and is then handed over.
        let isServed: (RawInbox) -> Bool
        let fail: (any Error) -> Void
    }

    /// The answer to the upgrade: its status.
    private(set) var status: Int?
    /// Messages that no test has taken.
    var messages: [ServerFrame] = []
    /// Messages of another language than that of sessions.
    var texts: [[UInt8]] = []
    /// Whether messages go to ``texts`` as they are.
    var takesBytes = false
    /// Everything that came, for a failure's text.
    private(set) var seen: [String] = []
    private(set) var closeCode: UInt16?
    private(set) var isOver = false
    var answersPings = true

    private var bytes = ByteBuffer()
    private var waiters: [Waiter] = []
    private var waiterCount = 0

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var chunk = Self.unwrapInboundIn(data)
        bytes.writeBuffer(&chunk)
        if status == nil { readHead() }
        while status == 101, let frame = RawFrame(reading: &bytes) { take(frame, context) }
        bytes.discardReadBytes()
        serve()
    }

    func channelInactive(context: ChannelHandlerContext) {
        isOver = true
        serve()
        for waiter in waiters { waiter.fail(RawSessionError.ended(closeCode, seen: seen)) }
        waiters = []
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { context.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func readHead() {
        let view = bytes.readableBytesView
        guard let end = view.firstRange(of: Array("\r\n\r\n".utf8)),
            let head = bytes.readString(length: end.upperBound - view.startIndex)
        else { return }
        status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    }

    private func take(_ frame: RawFrame, _ context: ChannelHandlerContext) {
        switch frame.opcode {
        case 1:
            seen.append(String(decoding: frame.payload.prefix(300), as: UTF8.self))
            guard !takesBytes else {
                texts.append(frame.payload)
                break
            }
            do { messages.append(try ServerFrame(decoding: frame.payload)) } catch { context.fireErrorCaught(error) }
        case 8:
            closeCode = frame.payload.count >= 2 ? UInt16(frame.payload[0]) << 8 | UInt16(frame.payload[1]) : nil
            seen.append("close \(closeCode.map(String.init) ?? "without a code")")
            let answer = RawFrame.encode(opcode: 8, Array(frame.payload.prefix(2)))
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: answer)), promise: nil)
        case 9:
            seen.append("ping")
            guard answersPings else { break }
            let answer = RawFrame.encode(opcode: 10, frame.payload)
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: answer)), promise: nil)
        default: break
        }
    }

    /// Waits until `pick` finds something; fails when the connection ends before, or after `limit`.
    func wait<Value: Sendable>(
        for what: String, within limit: TimeAmount, on eventLoop: any EventLoop,
        _ pick: @escaping (RawInbox) -> Value?
    ) -> EventLoopFuture<Value> {
        if let value = pick(self) { return eventLoop.makeSucceededFuture(value) }
        if isOver { return eventLoop.makeFailedFuture(RawSessionError.ended(closeCode, seen: seen)) }
        let promise = eventLoop.makePromise(of: Value.self)
        waiterCount += 1
        let number = waiterCount
        let inbox = NIOLoopBound(self, eventLoop: eventLoop)
        let timer = eventLoop.scheduleTask(in: limit) {
            inbox.value.waiters.removeAll { $0.number == number }
            promise.fail(RawSessionError.timedOut(what, seen: inbox.value.seen))
        }
        waiters.append(
            Waiter(
                number: number,
                isServed: { inbox in
                    guard let value = pick(inbox) else { return false }
                    timer.cancel()
                    promise.succeed(value)
                    return true
                },
                fail: { error in
                    timer.cancel()
                    promise.fail(error)
                }))
        return promise.futureResult
    }

    private func serve() {
        let waiting = waiters
        waiters = []
        for waiter in waiting where !waiter.isServed(self) { waiters.append(waiter) }
    }
}

/// Why a raw session did not get what was waited for.
enum RawSessionError: Error, CustomStringConvertible {
    case ended(UInt16?, seen: [String])
    case timedOut(String, seen: [String])
    case refused(Int?)

    var description: String {
        switch self {
        case .ended(let code, let seen):
            "the connection ended (\(code.map(String.init) ?? "no code")); seen: \(seen.suffix(8))"
        case .timedOut(let what, let seen): "timed out waiting for \(what); seen: \(seen.suffix(8))"
        case .refused(let status): "the upgrade was answered with \(status.map(String.init) ?? "nothing")"
        }
    }
}
