/// What can be done to a cluster.
package enum FaultKind: String, Sendable, CaseIterable, Codable {
    case nodeKill = "node-kill"
    case nodeRestart = "node-restart"
    case nodePause = "node-pause"
    case nodeAdd = "node-add"
    case nodeDrain = "node-drain"
    case redisKill = "redis-kill"
    case redisFlush = "redis-flush"
    case redisPause = "redis-pause"
    case postgresKill = "postgres-kill"
    case postgresRestart = "postgres-restart"
    case postgresPause = "postgres-pause"
    case postgresDisconnect = "postgres-disconnect"
    case postgresDiskFull = "postgres-disk-full"
    case rabbitMQKill = "rabbitmq-kill"
    case rabbitMQPause = "rabbitmq-pause"
    case linkCut = "link-cut"
    case linkDelay = "link-delay"
    case linkThrottle = "link-throttle"
    case linkDrop = "link-drop"
    case linkReset = "link-reset"
    case linkTruncate = "link-truncate"
    case linkRefuse = "link-refuse"
    case clockShift = "clock-shift"
    case clientGone = "client-gone"

    /// What it does, in one line.
    package var summary: String {
        switch self {
        case .nodeKill: "kill -9 of a node's process; started again at the end"
        case .nodeRestart: "SIGTERM to a node, which hands its documents over and ends; started again at the end"
        case .nodePause: "SIGSTOP of a node's process, SIGCONT at the end: a zombie that does not know it"
        case .nodeAdd: "one more node; it leaves at the end"
        case .nodeDrain: "a node is told to hand its documents over; restarted at the end"
        case .redisKill: "kill -9 of Redis; started empty at the end"
        case .redisFlush: "Redis loses every key"
        case .redisPause: "Redis stands still with open connections"
        case .postgresKill:
            "kill -9 of the postmaster; started again at the end, which recovers from the write-ahead log"
        case .postgresRestart: "a fast shutdown of PostgreSQL and a start"
        case .postgresPause: "PostgreSQL and its backends stand still with open connections"
        case .postgresDisconnect: "PostgreSQL ends every connection of the nodes"
        case .postgresDiskFull: "every append fails as with a full disk (SQLSTATE 53100)"
        case .rabbitMQKill: "kill -9 of RabbitMQ; started again at the end with what it had taken over"
        case .rabbitMQPause: "RabbitMQ stands still with open connections"
        case .linkCut: "links carry nothing, and nobody is told"
        case .linkDelay: "links carry everything later"
        case .linkThrottle: "links carry few bytes in a second"
        case .linkDrop: "the connections of links are closed once"
        case .linkReset: "the connections of links are reset once"
        case .linkTruncate: "links carry so many bytes and then reset, with data in flight"
        case .linkRefuse: "links take no new connections"
        case .clockShift: "the wall clock of one process jumps; back at the end"
        case .clientGone: "clients vanish without a word and do not come back"
        }
    }

    /// Whether it is over in the moment in which it happens, so that it takes no `for`.
    package var isInstant: Bool {
        switch self {
        case .redisFlush, .postgresRestart, .postgresDisconnect, .linkDrop, .linkReset: true
        default: false
        }
    }

    /// Whether it needs a cluster with RabbitMQ.
    package var needsBroker: Bool { self == .rabbitMQKill || self == .rabbitMQPause }

    /// What may be said about it beside when.
    package var parameters: Set<FaultParameter> {
        switch self {
        case .nodeKill, .nodeRestart, .nodePause, .nodeDrain: [.target]
        case .linkCut, .linkDrop, .linkReset, .linkRefuse: [.links, .target, .with, .direction]
        case .linkDelay: [.links, .target, .with, .direction, .delay, .jitter]
        case .linkThrottle: [.links, .target, .with, .direction, .rate]
        case .linkTruncate: [.links, .target, .with, .direction, .bytes]
        case .clockShift: [.target, .offset]
        case .clientGone: [.count]
        default: []
        }
    }

    /// What has to be said about it.
    package var requiredParameters: Set<FaultParameter> {
        switch self {
        case .linkCut, .linkDrop, .linkReset, .linkRefuse: [.links]
        case .linkDelay: [.links, .delay]
        case .linkThrottle: [.links, .rate]
        case .linkTruncate: [.links, .bytes]
        case .clockShift: [.offset]
        default: []
        }
    }
}

/// What is said about a fault.
package enum FaultParameter: String, Sendable, CaseIterable {
    /// Which node, or `redis` or `postgres` for a clock.
    case target
    /// Which links of the target: `peers`, `postgres`, `redis` or `clients`.
    case links
    /// Which other node, for links between peers.
    case with
    /// `out` of the target, `in` to it, or `both`.
    case direction
    case delay, jitter
    /// Bytes in a second.
    case rate
    /// How many bytes still pass on a connection.
    case bytes
    /// How far a clock jumps.
    case offset
    /// How many clients.
    case count
}
