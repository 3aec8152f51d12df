internal import DequeModule

/// How a connection ended for one of its sides.
enum ConnectionEnd {
    /// The other side closed it, behind everything that it had sent.
    case closed
    /// It was cut, with what was on its way.
    case reset
    /// Nothing was heard for so long that it was given up.
    case silent
}

/// A connection: what is sent arrives once, in order, after a while, or not at all once the connection is lost.
///
/// Side 0 has dialled, side 1 has accepted.
final class SimulatedConnection {
    /// One end, with what is on its way to it.
    final class Side {
        let host: SimulatedHost
        let process: SimulatedProcess
        fileprivate(set) var isOpen = true
        /// The last thing that this side hears, unless it closes the connection itself.
        var onEnd: ((ConnectionEnd) -> Void)?
        /// Silence began, or something was heard again.
        var onSilence: ((Bool) -> Void)?
        fileprivate var arriving = Deque<(due: Int64, deliver: () -> Void)>()
        fileprivate var isPumping = false
        /// Since when this side hears nothing, as far as the network knows; counts changes.
        fileprivate var isDeaf = false
        fileprivate var deafTurn = 0
        fileprivate var isSilent = false

        init(host: SimulatedHost, process: SimulatedProcess) {
            self.host = host
            self.process = process
        }
    }

    let number: Int
    let sides: [Side]
    private let network: SimulatedNetwork
    var scheduler: SimulatedScheduler { network.scheduler }
    /// Whether its sides send heartbeats and so notice silence.
    let hasHeartbeats: Bool

    init(number: Int, sides: [Side], hasHeartbeats: Bool, network: SimulatedNetwork) {
        self.number = number
        self.sides = sides
        self.hasHeartbeats = hasHeartbeats
        self.network = network
    }

    var isOpen: Bool { sides[0].isOpen || sides[1].isOpen }

    /// Which side is this process's; a process does not connect to itself.
    func side(of process: SimulatedProcess) -> Int { sides[0].process === process ? 0 : 1 }

    // MARK: What a side does

    /// Sends something; what the other side makes of it is `deliver`, run as the other side's doing.
    func send(from side: Int, _ deliver: @escaping () -> Void) {
        guard sides[side].isOpen else { return }
        enqueue(to: 1 - side, deliver)
    }

    /// Closes in order: the other side hears of it behind what was sent.
    func close(from side: Int) {
        guard sides[side].isOpen else { return }
        shut(side)
        enqueue(to: 1 - side) { self.end(1 - side, .closed) }
    }

    // MARK: What happens to it

    /// Cuts it with everything that is on its way; both sides hear of it at once.
    func reset() {
        for side in 0...1 where sides[side].isOpen {
            sides[side].arriving.removeAll()
            scheduler.after(0, as: sides[side].process) { self.end(side, .reset) }
        }
    }

    /// One side's process is gone. The other side hears of it, in order or at once with what was on its way lost; or
    /// not at all, when the machine is gone too.
    func abandon(_ side: Int, _ manner: NodeDeath) {
        guard sides[side].isOpen else { return }
        switch manner {
        case .closing: close(from: side)
        case .resetting:
            shut(side)
            sides[1 - side].arriving.removeAll()
            enqueue(to: 1 - side) { self.end(1 - side, .reset) }
        case .silent: shut(side)
        }
    }

    /// The machine of a side that had gone silently is back and knows nothing of the connection.
    func disown(_ side: Int) {
        guard !sides[side].isOpen, sides[1 - side].isOpen else { return }
        enqueue(to: 1 - side) { self.end(1 - side, .reset) }
    }

    // MARK: Carrying

    private func enqueue(to side: Int, _ deliver: @escaping () -> Void) {
        let receiver = sides[side]
        guard receiver.isOpen else { return }
        let due = scheduler.now + network.latency(from: sides[1 - side].host, to: receiver.host)
        receiver.arriving.append((max(due, receiver.arriving.last?.due ?? 0), deliver))
        pump(side)
    }

    private func pump(_ side: Int) {
        let receiver = sides[side]
        guard !receiver.isPumping, let first = receiver.arriving.first,
            !network.isCut(from: sides[1 - side].host, to: receiver.host)
        else { return }
        receiver.isPumping = true
        scheduler.at(first.due, as: receiver.process) {
            receiver.isPumping = false
            self.deliverDue(side)
        }
    }

    private func deliverDue(_ side: Int) {
        let receiver = sides[side]
        while receiver.isOpen, let first = receiver.arriving.first, first.due <= scheduler.now,
            !network.isCut(from: sides[1 - side].host, to: receiver.host)
        {
            receiver.arriving.removeFirst()
            first.deliver()
        }
        pump(side)
    }

    private func end(_ side: Int, _ end: ConnectionEnd) {
        guard sides[side].isOpen else { return }
        let tell = sides[side].onEnd
        shut(side)
        tell?(end)
    }

    private func shut(_ side: Int) {
        sides[side].isOpen = false
        sides[side].onEnd = nil
        sides[side].onSilence = nil
        sides[side].arriving.removeAll()
        if !isOpen { network.forget(self) }
    }

    // MARK: Silence

    /// When silence is noticed, and when it ends a connection with heartbeats, in microseconds.
    private static let silence: Int64 = 1_000_000
    private static let abandonment: Int64 = 10_000_000

    /// Something was cut, healed, stopped or continued.
    func reachabilityChanged() {
        for side in 0...1 {
            if sides[side].isOpen { pump(side) }
            if hasHeartbeats { lookForSilence(side) }
        }
    }

    private func lookForSilence(_ side: Int) {
        let receiver = sides[side]
        let sender = sides[1 - side]
        let isDeaf =
            network.isCut(from: sender.host, to: receiver.host) || sender.process.isStopped
            || (!sender.isOpen && receiver.isOpen && sender.process.hasEnded)
        guard receiver.isOpen, isDeaf != receiver.isDeaf else { return }
        receiver.isDeaf = isDeaf
        receiver.deafTurn += 1
        let turn = receiver.deafTurn
        if isDeaf {
            let beat = network.draw(0...250_000)
            scheduler.after(Self.silence + beat, as: receiver.process) { self.grewSilent(side, turn) }
        } else if receiver.isSilent {
            scheduler.after(network.draw(1...250_000), as: receiver.process) { self.heardAgain(side) }
        }
    }

    private func grewSilent(_ side: Int, _ turn: Int) {
        let receiver = sides[side]
        guard receiver.isOpen, receiver.deafTurn == turn else { return }
        receiver.isSilent = true
        receiver.onSilence?(true)
        scheduler.after(Self.abandonment - Self.silence, as: receiver.process) {
            guard receiver.isOpen, receiver.deafTurn == turn else { return }
            self.enqueue(to: 1 - side) { self.end(1 - side, .reset) }
            self.end(side, .silent)
        }
    }

    private func heardAgain(_ side: Int) {
        guard sides[side].isOpen, sides[side].isSilent, !sides[side].isDeaf else { return }
        sides[side].isSilent = false
        sides[side].onSilence?(false)
    }
}

/// How the end of a process looks from the other side of its connections.
enum NodeDeath: CaseIterable {
    case closing
    case resetting
    case silent
}
