import RedisClient

/// Lets a test wait for what becomes of a connection.
final class LinkWatch: Sendable {
    private let stream: AsyncStream<RedisLinkEvent>
    private let continuation: AsyncStream<RedisLinkEvent>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    func record(_ event: RedisLinkEvent) { continuation.yield(event) }

    /// Waits for the next successful connection.
    func connected() async {
        for await event in stream { if case .connected = event { return } }
    }

    /// Waits for the next loss or failed attempt and says why.
    func disconnected() async -> RedisError? {
        for await event in stream { if case .disconnected(let reason, _) = event { return reason } }
        return nil
    }
}
