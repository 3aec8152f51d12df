internal import Logging
internal import RedisClient
internal import Synchronization

/// Logs the first of several failed attempts, and the recovery.
final class LinkLog: Sendable {
    private let logger: Logger
    private let endpoint: RedisEndpoint
    private let failing = Mutex<Set<String>>([])

    init(logger: Logger, endpoint: RedisEndpoint) {
        self.logger = logger
        self.endpoint = endpoint
    }

    func record(_ event: RedisLinkEvent, of connection: String) {
        switch event {
        case .connected:
            failing.withLock { _ = $0.remove(connection) }
            logger.info("connected to Redis", metadata: ["redis": "\(endpoint)", "connection": "\(connection)"])
        case .disconnected(let reason, let delay):
            let isFirst = failing.withLock { $0.insert(connection).inserted }
            logger.log(
                level: isFirst ? .warning : .debug, "not connected to Redis",
                metadata: [
                    "redis": "\(endpoint)", "connection": "\(connection)", "reason": "\(reason.message)",
                    "retryAfter": "\(delay)",
                ])
        }
    }
}
