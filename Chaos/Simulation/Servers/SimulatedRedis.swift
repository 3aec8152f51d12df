internal import CollabModel
internal import RuntimePorts
internal import RuntimeTesting

/// Redis in the simulation: the in-memory lease store as a process on a host of its own.
///
/// Sound although unchecked: a simulation has one thread.
final class SimulatedRedis: @unchecked Sendable {
    let host: SimulatedHost
    private let scheduler: SimulatedScheduler
    private let network: SimulatedNetwork
    private(set) var process: SimulatedProcess
    let store: InMemoryLeaseStore
    private var listeners: [Int: SimulatedLeasePort] = [:]
    private var listenerCount = 0
    /// What every call takes longer, in microseconds.
    var slowness: Int64 = 0

    init(scheduler: SimulatedScheduler, network: SimulatedNetwork) {
        self.scheduler = scheduler
        self.network = network
        host = network.addHost("redis", distance: 20...150)
        process = scheduler.makeProcess("redis")
        // One clock for all lives of the server: leases live by it.
        store = InMemoryLeaseStore(clock: SimulatedClock(scheduler, of: scheduler.world))
        host.process = process
        host.accept = { _ in }
    }

    /// Passes announcements on until cancelled: runs as long as the simulation.
    func announce() -> Task<Void, Never> {
        Task { [self] in
            for await event in store.events() {
                guard isRunning else { continue }
                for number in listeners.keys.sorted() { listeners[number]?.announce(event) }
            }
        }
    }

    func listen(_ port: SimulatedLeasePort) -> Int {
        listenerCount += 1
        listeners[listenerCount] = port
        return listenerCount
    }

    func unlisten(_ number: Int) { listeners[number] = nil }

    /// Runs a command as the server's doing.
    func execute(_ command: @escaping @Sendable () async -> Void) {
        let process = process
        let time = network.draw(10...80) + (slowness > 0 ? network.draw(slowness / 2...slowness) : 0)
        scheduler.after(time, as: process) {
            guard !process.hasEnded else { return }
            Task { await command() }
        }
    }

    // MARK: Life

    var isRunning: Bool { host.process != nil }

    func crash(_ network: SimulatedNetwork, _ manner: NodeDeath) {
        guard isRunning else { return }
        host.process = nil
        host.isUp = manner != .silent
        network.abandon(process, manner)
        scheduler.end(process)
    }

    /// Starts again, with what it held, as far as that has not run out, or without anything.
    func start(_ network: SimulatedNetwork, isEmpty: Bool) {
        guard !isRunning else { return }
        if isEmpty { store.empty() }
        process = scheduler.makeProcess("redis")
        host.isUp = true
        host.process = process
        network.disown(host)
    }
}
