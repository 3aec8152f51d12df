import NIOCore
import RuntimePorts
import Synchronization

/// The feed's end of a console: one message on its way at a time.
final class ConsoleMailbox: ConsoleOutbox {
    private struct State {
        var isWritable = true
        var isSending = false
    }

    private let handler: NIOLoopBound<ConsoleHandler>
    private let eventLoop: any EventLoop
    private let state = Mutex(State())

    init(_ handler: ConsoleHandler, eventLoop: any EventLoop) {
        self.handler = NIOLoopBound(handler, eventLoop: eventLoop)
        self.eventLoop = eventLoop
    }

    var isReady: Bool { state.withLock { $0.isWritable && !$0.isSending } }

    func send(_ message: [UInt8]) {
        state.withLock { $0.isSending = true }
        eventLoop.execute { [handler] in handler.value.send(message) }
    }

    func setWritable(_ isWritable: Bool) { state.withLock { $0.isWritable = isWritable } }

    /// The last message has left.
    func sent() { state.withLock { $0.isSending = false } }
}
