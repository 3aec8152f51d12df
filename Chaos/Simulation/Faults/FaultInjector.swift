internal import RuntimeTesting

/// Lets faults strike, and heals them in time or all at once.
final class FaultInjector {
    private unowned let world: SimulatedWorld
    private var healing: [Int: () -> Void] = [:]
    private var healings = 0
    /// How often each kind has struck.
    private(set) var struck: [String: Int] = [:]

    init(_ world: SimulatedWorld) { self.world = world }

    /// Lets each fault of a schedule strike at its time.
    func follow(_ schedule: [ScheduledFault]) {
        for entry in schedule {
            world.scheduler.at(entry.time, as: world.scheduler.world) { [self] in strike(entry.fault) }
        }
    }

    /// Ends everything that is wrong.
    func healAll() {
        for number in healing.keys.sorted() { healing[number]?() }
        healing = [:]
        for node in world.nodes where !node.isRunning { node.start() }
        if !world.postgres.isRunning { world.postgres.start(world.network) }
        if !world.redis.isRunning { world.redis.start(world.network, isEmpty: false) }
    }

    private func heal(after time: Int64, _ action: @escaping () -> Void) {
        healings += 1
        let number = healings
        healing[number] = action
        world.scheduler.after(time, as: world.scheduler.world) { [self] in healing.removeValue(forKey: number)?() }
    }

    func strike(_ fault: Fault) {
        struck[fault.kind, default: 0] += 1
        world.tell { "-- \(fault.kind): \(fault)" }
        world.scheduler.note(UInt64(healings))
        switch fault {
        case .nodeCrashes, .nodeStops, .nodeDrains, .clockDrifts, .timeOfDayJumps: strikeNode(fault)
        case .redisCrashes, .redisIsEmptied, .redisSlows, .postgresCrashes, .postgresSlows, .commitsSlow, .diskFills,
            .appendsRefused:
            strikeServer(fault)
        case .serverCut, .serverReset, .linkCut, .linkReset, .linkSlows, .nodeIsolated: strikeLink(fault)
        case .editorReset, .editorCut, .editorMovesOn, .editorVanishes: strikeEditor(fault)
        }
    }

    private func strikeNode(_ fault: Fault) {
        switch fault {
        case .nodeCrashes(let number, let death, let time):
            let node = world.nodes[number]
            guard node.isRunning else { return }
            node.crash(death)
            heal(after: time) { node.start() }
        case .nodeStops(let number, let time):
            let node = world.nodes[number]
            guard node.isRunning, !node.isStopped else { return }
            node.stop()
            heal(after: time) { node.resume() }
        case .nodeDrains(let number): world.nodes[number].drain()
        case .clockDrifts(let number, let permille, let time):
            guard let process = world.nodes[number].life?.process else { return }
            process.time.setRate(permille: permille, now: world.scheduler.now)
            heal(after: time) { [world] in process.time.setRate(permille: 1_000, now: world.scheduler.now) }
        case .timeOfDayJumps(let number, let offset):
            world.nodes[number].life?.process.time.wallOffset += offset
        default: break
        }
    }

    private func strikeServer(_ fault: Fault) {
        let (redis, postgres, network) = (world.redis, world.postgres, world.network)
        let conditions = postgres.faults
        switch fault {
        case .redisCrashes(let death, let time, let isEmptied):
            guard redis.isRunning else { return }
            redis.crash(network, death)
            heal(after: time) { redis.start(network, isEmpty: isEmptied) }
        case .redisIsEmptied: redis.store.empty()
        case .redisSlows(let slowness, let time):
            redis.slowness += slowness
            heal(after: time) { redis.slowness -= slowness }
        case .postgresCrashes(let death, let time):
            guard postgres.isRunning else { return }
            postgres.crash(network, death)
            heal(after: time) { postgres.start(network) }
        case .postgresSlows(let slowness, let time):
            conditions.slowness += slowness
            heal(after: time) { conditions.slowness -= slowness }
        case .commitsSlow(let slowness, let time):
            conditions.commitSlowness += slowness
            heal(after: time) { conditions.commitSlowness -= slowness }
        case .diskFills(let time):
            conditions.fullDisks += 1
            heal(after: time) { conditions.fullDisks -= 1 }
        case .appendsRefused(let permille, let forGood, let time):
            conditions.refusals = permille
            conditions.permanentRefusals = forGood
            heal(after: time) { conditions.refusals = 0 }
        default: break
        }
    }

    private func strikeLink(_ fault: Fault) {
        switch fault {
        case .serverCut(let number, let server, let direction, let time):
            cut(world.nodes[number].host, host(of: server), direction, for: time)
        case .serverReset(let number, let server): reset(world.nodes[number].host, host(of: server))
        case .linkCut(let one, let other, let direction, let time):
            cut(world.nodes[one].host, world.nodes[other].host, direction, for: time)
        case .linkReset(let one, let other): reset(world.nodes[one].host, world.nodes[other].host)
        case .linkSlows(let one, let other, let slowness, let time):
            let (from, to, network) = (world.nodes[one].host, world.nodes[other].host, world.network)
            network.slow(from: from, to: to, byMicroseconds: slowness)
            heal(after: time) { network.hasten(from: from, to: to, byMicroseconds: slowness) }
        case .nodeIsolated(let number, let time):
            for other in world.nodes where other.host !== world.nodes[number].host {
                cut(world.nodes[number].host, other.host, .both, for: time)
            }
        default: break
        }
    }

    private func strikeEditor(_ fault: Fault) {
        switch fault {
        case .editorReset(let number):
            for connection in world.network.connections(of: world.editors[number].host) { connection.reset() }
        case .editorCut(let number, let direction, let time):
            for node in world.nodes { cut(world.editors[number].host, node.host, direction, for: time) }
        case .editorMovesOn(let number): world.editors[number].moveOn()
        case .editorVanishes(let number): world.replaceEditor(number)
        default: break
        }
    }

    private func host(of server: Fault.Server) -> SimulatedHost {
        switch server {
        case .redis: world.redis.host
        case .postgres: world.postgres.host
        }
    }

    private func reset(_ one: SimulatedHost, _ other: SimulatedHost) {
        for connection in world.network.connections(between: one, and: other) { connection.reset() }
    }

    private func cut(_ one: SimulatedHost, _ other: SimulatedHost, _ direction: Fault.Direction, for time: Int64) {
        let network = world.network
        if direction != .back {
            network.cut(from: one, to: other)
            heal(after: time) { network.heal(from: one, to: other) }
        }
        if direction != .there {
            network.cut(from: other, to: one)
            heal(after: time) { network.heal(from: other, to: one) }
        }
    }
}
