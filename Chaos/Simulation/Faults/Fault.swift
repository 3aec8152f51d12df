/// Something that goes wrong, and for how long. Times in microseconds; nodes and editors by their number.
enum Fault {
    enum Direction: CaseIterable { case there, back, both }
    enum Server: CaseIterable { case redis, postgres }

    // Nodes.
    case nodeCrashes(Int, NodeDeath, downFor: Int64)
    case nodeStops(Int, for: Int64)
    case nodeDrains(Int)
    case clockDrifts(Int, permille: Int64, for: Int64)
    case timeOfDayJumps(Int, by: Int64)
    // Redis.
    case redisCrashes(NodeDeath, downFor: Int64, isEmptied: Bool)
    case redisIsEmptied
    case redisSlows(by: Int64, for: Int64)
    // PostgreSQL.
    case postgresCrashes(NodeDeath, downFor: Int64)
    case postgresSlows(by: Int64, for: Int64)
    case commitsSlow(by: Int64, for: Int64)
    case diskFills(for: Int64)
    case appendsRefused(permille: Int64, forGoodPermille: Int64, for: Int64)
    // Links.
    case serverCut(Int, Server, Direction, for: Int64)
    case serverReset(Int, Server)
    case linkCut(Int, Int, Direction, for: Int64)
    case linkReset(Int, Int)
    case linkSlows(Int, Int, by: Int64, for: Int64)
    case nodeIsolated(Int, for: Int64)
    // Editors.
    case editorReset(Int)
    case editorCut(Int, Direction, for: Int64)
    case editorMovesOn(Int)
    case editorVanishes(Int)

    /// What it is counted as.
    var kind: String {
        switch self {
        case .nodeCrashes(_, .silent, _): "node lost with its machine"
        case .nodeCrashes: "node killed"
        case .nodeStops: "node stopped"
        case .nodeDrains: "node drained"
        case .clockDrifts: "clock drifts"
        case .timeOfDayJumps: "time of day jumps"
        case .redisCrashes: "redis killed"
        case .redisIsEmptied: "redis emptied"
        case .redisSlows: "redis slow"
        case .postgresCrashes: "postgres killed"
        case .postgresSlows: "postgres slow"
        case .commitsSlow: "commits slow"
        case .diskFills: "disk full"
        case .appendsRefused: "appends refused"
        case .serverCut(_, .redis, _, _): "redis cut off"
        case .serverCut(_, .postgres, _, _): "postgres cut off"
        case .serverReset(_, .redis): "redis connection lost"
        case .serverReset(_, .postgres): "postgres connection lost"
        case .linkCut(_, _, .both, _): "link cut"
        case .linkCut: "link cut one way"
        case .linkReset: "link lost"
        case .linkSlows: "link slow"
        case .nodeIsolated: "node isolated"
        case .editorReset: "editor's connection lost"
        case .editorCut: "editor's link cut"
        case .editorMovesOn: "editor reconnects elsewhere"
        case .editorVanishes: "editor vanishes"
        }
    }
}

/// A fault and when it strikes.
struct ScheduledFault {
    var time: Int64
    var fault: Fault
}
