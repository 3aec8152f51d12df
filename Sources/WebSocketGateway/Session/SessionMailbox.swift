import CollabModel
import DocumentCore
import NIOCore
import RuntimePorts

/// The runtime's end of a session: posts to the session's event loop.
final class SessionMailbox: SessionOutbox {
    private let loop: GatewayLoop
    private let handler: NIOLoopBound<SessionHandler>

    init(_ handler: SessionHandler, loop: GatewayLoop) {
        self.loop = loop
        self.handler = NIOLoopBound(handler, eventLoop: loop.eventLoop)
    }

    func send(_ event: SessionEvent) { loop.post(.event(event), to: handler) }
    func send(_ batch: SharedCommitBatch) { loop.post(.batch(batch), to: handler) }
    func close(_ code: CloseCode, _ reason: String) { loop.post(.close(code, reason), to: handler) }
}
