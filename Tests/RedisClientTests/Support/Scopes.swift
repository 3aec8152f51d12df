import CollabModel
import LocalCluster
import Logging
import NIOPosix
import RedisClient
import RedisCoordination
import Testing

/// Runs `body` with a client that is running.
func withClient<Result: Sendable>(
    _ url: String, _ configuration: RedisConfiguration = .init(), watch: LinkWatch = LinkWatch(),
    _ body: (RedisClient) async throws -> Result
) async throws -> Result {
    let client = RedisClient(
        endpoint: try RedisEndpoint(url: url), eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
        configuration: configuration
    ) { watch.record($0) }
    return try await running({ await client.run() }, { try await body(client) })
}

/// Runs `body` with a store that is running.
func withStore<Result: Sendable>(
    _ url: String, cluster: String = "test", timeouts: RedisLeaseStore.Timeouts = .init(),
    _ body: (RedisLeaseStore) async throws -> Result
) async throws -> Result {
    let store = RedisLeaseStore(
        endpoint: try RedisEndpoint(url: url), cluster: try #require(ClusterName(cluster)),
        eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, timeouts: timeouts)
    return try await running({ await store.run() }, { try await body(store) })
}

/// Runs `body` beside `service`, which is cancelled and awaited at the end.
func running<Result: Sendable>(
    _ service: @escaping @Sendable () async -> Void, _ body: () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await service() }
        defer { group.cancelAll() }
        return try await body()
    }
}

/// The error that a call throws.
func redisError(_ call: () async throws(RedisError) -> some Any) async -> RedisError? {
    do throws(RedisError) {
        _ = try await call()
        return nil
    } catch {
        return error
    }
}

extension RedisServer {
    /// Stops it where it is, and returns when the system says that it stands still.
    func pauseForSure() async throws {
        try await pause()
        try await wait { await condition == .stopped }
    }
}
