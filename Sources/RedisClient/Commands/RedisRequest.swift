internal import NIOCore

/// Commands that are sent together, and who waits for their replies.
struct RedisRequest: Sendable {
    typealias Outcome = Result<[RedisValue], RedisError>

    enum Waiter: Sendable {
        case caller(CheckedContinuation<Outcome, Never>)
        /// The connection itself; not counted against the bounds.
        case login
    }

    let bytes: ByteBuffer
    let commandCount: Int
    let deadline: NIODeadline
    let waiter: Waiter

    /// Tells the caller, if there is one.
    func complete(_ outcome: Outcome) {
        if case .caller(let continuation) = waiter { continuation.resume(returning: outcome) }
    }
}
