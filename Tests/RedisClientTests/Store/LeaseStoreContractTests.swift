import LocalCluster
import RedisClient
import RedisCoordination
import RuntimeTesting
import Testing

@Suite(.serialized, .timeLimit(.minutes(2))) struct LeaseStoreContractTests {
    @Test(arguments: LeaseStoreContract.cases)
    func `in memory`(promise: LeaseStoreContract.Case) async throws {
        let clock = ManualClock()
        let store = InMemoryLeaseStore(clock: clock)
        try await promise.run(
            .init(store: store) {
                clock.advance(milliseconds: $0)
            } empty: {
                store.empty()
            })
    }

    @Test(arguments: LeaseStoreContract.cases)
    func `in Redis`(promise: LeaseStoreContract.Case) async throws {
        try await withRedis { server in
            try await withClient(server.url) { client in
                try await withStore(server.url, timeouts: .init(renewal: .seconds(10), call: .seconds(10))) { store in
                    // Events are heard from the subscription on.
                    try await wait { try await client.execute(RedisCommand("PUBSUB", "CHANNELS")) != .array([]) }
                    try await promise.run(
                        .init(store: store) { milliseconds in
                            let end = try await redisTime(client) + milliseconds + 2
                            try await wait { try await redisTime(client) >= end }
                        } empty: {
                            try await server.flushAll()
                        })
                }
            }
        }
    }
}

/// Redis's clock in milliseconds.
private func redisTime(_ client: RedisClient) async throws -> Int {
    guard case .array(let parts) = try await client.execute(RedisCommand("TIME"), timeout: .seconds(10)),
        let seconds = parts.first?.text.flatMap({ Int($0) }), let micro = parts.last?.text.flatMap({ Int($0) })
    else { return 0 }
    return seconds * 1_000 + micro / 1_000
}
