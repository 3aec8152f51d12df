internal import DocumentCore
internal import Randomness

/// Hosts and the connections between them: latency, one-way cuts, lost connections, machines that are gone.
///
/// Order is kept within a direction of a connection and nowhere else.
final class SimulatedNetwork {
    struct LinkID: Hashable {
        let from: Int
        let to: Int
    }

    private struct LinkFault {
        /// Nothing gets through; what is sent waits. Counted: several faults may cut one link.
        var cuts = 0
        /// What every packet takes longer, in microseconds.
        var slowness: Int64 = 0
        var isNone: Bool { cuts == 0 && slowness == 0 }
    }

    let scheduler: SimulatedScheduler
    private var random: SplitMix64
    private var hosts: [SimulatedHost] = []
    private var faults: [LinkID: LinkFault] = [:]
    private var connections: [Int: SimulatedConnection] = [:]
    private var connectionCount = 0

    /// Whether every draw gives the least.
    private let isCalm: Bool

    init(scheduler: SimulatedScheduler, seed: UInt64, isCalm: Bool) {
        self.scheduler = scheduler
        self.isCalm = isCalm
        random = SplitMix64(seed: seed)
    }

    func addHost(_ name: String, distance: ClosedRange<Int64>) -> SimulatedHost {
        let host = SimulatedHost(number: hosts.count, name: name, distance: distance)
        hosts.append(host)
        return host
    }

    /// A number of the range, by chance.
    func draw(_ range: ClosedRange<Int64>) -> Int64 {
        isCalm ? range.lowerBound : Int64.random(in: range, using: &random)
    }

    func latency(from: SimulatedHost, to: SimulatedHost) -> Int64 {
        let least = from.distance.lowerBound + to.distance.lowerBound
        let most = from.distance.upperBound + to.distance.upperBound
        let usual = least == most ? least : draw(least...most)
        guard !faults.isEmpty, let fault = faults[LinkID(from: from.number, to: to.number)] else { return usual }
        return usual + (fault.slowness == 0 ? 0 : draw(fault.slowness / 2...fault.slowness))
    }

    func isCut(from: SimulatedHost, to: SimulatedHost) -> Bool {
        guard !faults.isEmpty else { return false }
        return (faults[LinkID(from: from.number, to: to.number)]?.cuts ?? 0) > 0
    }

    // MARK: Connecting

    enum DialResult {
        case connected(SimulatedConnection)
        /// The host answered that nobody listens.
        case refused
    }

    /// Connects; where nothing answers, it is asked again as TCP does, after a second and after three, and then `then`
    /// is never called: who dials has a timeout.
    func dial(
        from: SimulatedHost, as process: SimulatedProcess, to: SimulatedHost, hasHeartbeats: Bool = false,
        attempts: Int64 = 3, then: @escaping (DialResult) -> Void
    ) {
        scheduler.after(latency(from: from, to: to), as: scheduler.world) { [self] in
            guard to.isUp, !isCut(from: from, to: to), !isCut(from: to, to: from) else {
                guard attempts > 1, !process.hasEnded else { return }
                scheduler.after((4 - attempts) * 1_000_000, as: scheduler.world) { [self] in
                    dial(
                        from: from, as: process, to: to, hasHeartbeats: hasHeartbeats, attempts: attempts - 1,
                        then: then)
                }
                return
            }
            let back = latency(from: to, to: from)
            guard let listener = to.process, !listener.hasEnded, let accept = to.accept else {
                scheduler.after(back, as: process) { then(.refused) }
                return
            }
            guard !process.hasEnded else { return }
            connectionCount += 1
            let connection = SimulatedConnection(
                number: connectionCount,
                sides: [.init(host: from, process: process), .init(host: to, process: listener)],
                hasHeartbeats: hasHeartbeats, network: self)
            connections[connection.number] = connection
            scheduler.after(0, as: listener) { accept(connection) }
            scheduler.after(back, as: process) {
                if connection.sides[0].isOpen { then(.connected(connection)) }
            }
            connection.reachabilityChanged()
        }
    }

    func forget(_ connection: SimulatedConnection) { connections[connection.number] = nil }

    /// The connections that are open, in the order of their making.
    private var open: [SimulatedConnection] { connections.values.sorted { $0.number < $1.number } }

    func connections(between one: SimulatedHost, and other: SimulatedHost) -> [SimulatedConnection] {
        open.filter { connection in
            let ends = [connection.sides[0].host.number, connection.sides[1].host.number]
            return ends.contains(one.number) && ends.contains(other.number) && one !== other
        }
    }

    func connections(of host: SimulatedHost) -> [SimulatedConnection] {
        open.filter { $0.sides[0].host === host || $0.sides[1].host === host }
    }

    // MARK: What goes wrong

    func cut(from: SimulatedHost, to: SimulatedHost) {
        faults[LinkID(from: from.number, to: to.number), default: LinkFault()].cuts += 1
        reachabilityChanged()
    }

    func heal(from: SimulatedHost, to: SimulatedHost) {
        change(LinkID(from: from.number, to: to.number)) { $0.cuts = max(0, $0.cuts - 1) }
        reachabilityChanged()
    }

    func slow(from: SimulatedHost, to: SimulatedHost, byMicroseconds slowness: Int64) {
        faults[LinkID(from: from.number, to: to.number), default: LinkFault()].slowness += slowness
    }

    func hasten(from: SimulatedHost, to: SimulatedHost, byMicroseconds slowness: Int64) {
        change(LinkID(from: from.number, to: to.number)) { $0.slowness = max(0, $0.slowness - slowness) }
    }

    private func change(_ link: LinkID, _ body: (inout LinkFault) -> Void) {
        guard var fault = faults[link] else { return }
        body(&fault)
        faults[link] = fault.isNone ? nil : fault
    }

    /// Everything that was open on a host ends in the given manner.
    func abandon(_ process: SimulatedProcess, _ manner: NodeDeath) {
        for connection in open {
            for side in 0...1 where connection.sides[side].process === process { connection.abandon(side, manner) }
        }
        reachabilityChanged()
    }

    /// The host runs again: whoever still counts on its former connections is told otherwise.
    func disown(_ host: SimulatedHost) {
        for connection in open {
            for side in 0...1 where connection.sides[side].host === host { connection.disown(side) }
        }
    }

    /// To be called when something was cut, healed, stopped or continued.
    func reachabilityChanged() {
        for connection in open { connection.reachabilityChanged() }
    }
}
