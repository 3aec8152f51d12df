internal import LocalCluster

/// What happens to Redis.
struct RedisNemesis {
    private let fault: FaultSpecification
    private static let name = "redis"

    init(_ fault: FaultSpecification) { self.fault = fault }

    func prepare(on stage: isolated Stage) throws(NotNow) -> PreparedFault {
        let redis = stage.cluster.redis
        try stage.take(Self.name)
        return switch fault.kind {
        case .redisFlush:
            PreparedFault([Self.name], taking: [Self.name], "Redis is emptied") { try await redis.flushAll() }
        case .redisPause:
            PreparedFault([Self.name], taking: [Self.name], "Redis stands still") {
                try await redis.pause()
            } end: {
                try await redis.resume()
            }
        default:
            PreparedFault([Self.name], taking: [Self.name], "Redis is killed") {
                try await redis.kill()
            } end: {
                try await redis.start()
            }
        }
    }
}
