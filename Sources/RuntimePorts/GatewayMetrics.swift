package import CollabModel

/// Why a gateway refused what a client sent.
package enum FrameRejection: String, Sendable, CaseIterable {
    /// Not JSON, or not a message of the protocol.
    case malformed
    case binary
    case tooLarge = "too_large"
    case rateLimited = "rate_limited"
    case invalidOperation = "invalid_operation"
    case forbidden
    /// A violation of RFC 6455.
    case webSocket = "websocket"
}

/// What a gateway reports of its sessions. Called on event loops: implementations are cheap and never block.
package protocol GatewayMetrics: Sendable {
    func connectionOpened()
    /// A connection that was reported opened is gone.
    func connectionClosed(_ code: UInt16?, seconds: Double)
    /// A session was not admitted, with the close code that it was told.
    func connectionRefused(_ code: CloseCode)
    /// A message of a client was taken; `bytes` of payload.
    func frameReceived(bytes: Int)
    func frameRejected(_ reason: FrameRejection)
    /// An operation was refused at this gateway; its message is counted as a rejected frame too.
    func operationRefused(_ code: ErrorCode)
    /// From an operation's arrival at this gateway to its ack handed to the socket.
    /// - Parameter trace: the operation's trace where it is recorded, for an exemplar.
    func acknowledged(microseconds: Int64, trace: TraceContext?)
    /// A batch that became durable then (microseconds since 1970, by its owner's clock; 0: not known) was handed to the
    /// sockets of sessions on one event loop.
    func broadcast(committedAtMicroseconds: Int64)
    /// Bytes handed to sockets, frame headers included, in so many messages.
    func sent(bytes: Int, frames: Int)
    /// A session's outbox passed its bound.
    func outboxFull()
    /// An HTTP request was answered.
    func request(status: Int, microseconds: Int64)
}

/// Counts nothing: for tests and tools.
package struct NoGatewayMetrics: GatewayMetrics {
    package init() {}
    package func connectionOpened() {}
    package func connectionClosed(_ code: UInt16?, seconds: Double) {}
    package func connectionRefused(_ code: CloseCode) {}
    package func frameReceived(bytes: Int) {}
    package func frameRejected(_ reason: FrameRejection) {}
    package func operationRefused(_ code: ErrorCode) {}
    package func acknowledged(microseconds: Int64, trace: TraceContext?) {}
    package func broadcast(committedAtMicroseconds: Int64) {}
    package func sent(bytes: Int, frames: Int) {}
    package func outboxFull() {}
    package func request(status: Int, microseconds: Int64) {}
}
