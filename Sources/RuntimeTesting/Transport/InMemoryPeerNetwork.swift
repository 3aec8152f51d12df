package import CollabModel
internal import DequeModule
package import RuntimePorts
internal import Synchronization

/// A network of nodes in one process: transports whose wires a test can slow, cut in one direction or both, and hold
/// silent, and whose nodes it can stop and kill.
///
/// Every message goes through the peer protocol's codec. Between two nodes, each direction is one first-in-first-out
/// link, as one connection is. Delays are drawn from the seed and waited for on the clock that is passed in; nothing else
/// takes time, so that on a deterministic executor a run is the same for the same seed.
package final class InMemoryPeerNetwork: Sendable {
    struct NodeState {
        var identity: NodeIdentity
        var service: (any PeerService)?
        /// The process does nothing, and its host keeps its connections (SIGSTOP).
        var isStopped = false
    }

    struct LinkID: Hashable, Comparable {
        var from: PeerAddress
        var to: PeerAddress
        static func < (left: LinkID, right: LinkID) -> Bool {
            (left.from.host, left.from.port, left.to.host, left.to.port)
                < (right.from.host, right.from.port, right.to.host, right.to.port)
        }
    }

    struct Parcel {
        var dueMicroseconds: Int64
        var deliver: @Sendable () -> Void
    }

    struct Link {
        var isCut = false
        var queue = Deque<Parcel>()
        var isPumping = false
        var isSilent = false
        /// Counts how often the link was blocked or freed, so that a timer knows whether it is still meant.
        var turn = 0
        var wasBlocked = false
    }

    struct State {
        var random: SampleSource
        var delayMicroseconds: ClosedRange<Int64> = 0...0
        var nodes: [PeerAddress: NodeState] = [:]
        var links: [LinkID: Link] = [:]
        var streams: [UInt64: InMemoryStreamEnd] = [:]
        var nextID: UInt64 = 0
        var faults: [Int: PeerFailure] = [:]
        var calls = 0

        mutating func makeID() -> UInt64 {
            nextID += 1
            return nextID
        }

        func isBlocked(_ link: LinkID) -> Bool {
            links[link]?.isCut == true || nodes[link.from]?.isStopped == true || nodes[link.to]?.isStopped == true
        }
    }

    /// When a link has been blocked for so long, its streams are told `silent`; after ``abandonment`` they end.
    package static let silence: Duration = .seconds(1)
    package static let abandonment: Duration = .seconds(10)

    let clock: any RuntimeClock
    let boundBytes: Int
    let state: Mutex<State>

    /// - Parameter boundBytes: what may wait on a stream before a further message ends it.
    package init(seed: UInt64, clock: any RuntimeClock, boundBytes: Int = 8 << 20) {
        self.clock = clock
        self.boundBytes = boundBytes
        state = Mutex(State(random: SampleSource(seed: seed)))
    }

    /// Starts a node, or a further life of one, at an address. What an earlier one had open has ended with ``kill(_:)``.
    package func start(_ identity: NodeIdentity, at address: PeerAddress) -> InMemoryPeerTransport {
        state.withLock { $0.nodes[address] = NodeState(identity: identity) }
        return InMemoryPeerTransport(network: self, identity: identity, address: address)
    }

    // MARK: What a test does to it

    /// Lets every message take a time drawn from the range.
    package func setDelay(microseconds: ClosedRange<Int64>) { state.withLock { $0.delayMicroseconds = microseconds } }

    /// Holds back what goes from one address to another, as a lost route does: nothing is lost, nothing arrives.
    package func cut(from: PeerAddress, to: PeerAddress) {
        state.withLock { $0.links[LinkID(from: from, to: to), default: Link()].isCut = true }
        blockingChanged()
    }

    /// Lets what was held back arrive.
    package func heal(from: PeerAddress, to: PeerAddress) {
        state.withLock { $0.links[LinkID(from: from, to: to), default: Link()].isCut = false }
        blockingChanged()
    }

    /// Cuts both directions between two addresses.
    package func cut(between one: PeerAddress, and other: PeerAddress) {
        cut(from: one, to: other)
        cut(from: other, to: one)
    }

    /// Heals both directions between two addresses.
    package func heal(between one: PeerAddress, and other: PeerAddress) {
        heal(from: one, to: other)
        heal(from: other, to: one)
    }

    /// Stops a node's process: it is silent to all, and its connections stay.
    package func stop(_ address: PeerAddress) {
        state.withLock { $0.nodes[address]?.isStopped = true }
        blockingChanged()
    }

    /// Continues a stopped node.
    package func resume(_ address: PeerAddress) {
        state.withLock { $0.nodes[address]?.isStopped = false }
        blockingChanged()
    }

    /// Ends a node's process: its streams end at its peers with ``PeerFailure/closed``, and calls to it are refused.
    package func kill(_ address: PeerAddress) {
        let ended = state.withLock { state in
            state.nodes[address] = nil
            let ended = state.streams.values.filter { $0.local == address }.sorted { $0.id < $1.id }
            for end in ended { state.streams[end.id] = nil }
            return ended
        }
        for end in ended {
            end.abandonLocally()
            carry(end.outward) { end.other?.receive(.ended(.closed)) }
        }
        blockingChanged()
    }

    /// Fails the `ordinal`-th call (opening, request or probe) from now, counted from 1, before anything is sent.
    package func failCall(_ ordinal: Int, with failure: PeerFailure) {
        state.withLock { $0.faults[$0.calls + ordinal] = failure }
    }

    /// How many streams are open, each counted at both ends.
    package var openStreamEnds: Int { state.withLock { $0.streams.count } }

    // MARK: Carrying

    /// Delivers behind everything that is on the link already.
    func carry(_ link: LinkID, _ deliver: @escaping @Sendable () -> Void) {
        let now = clock.monotonicMicroseconds()
        let starts = state.withLock { state in
            let delay = Int64.random(in: state.delayMicroseconds, using: &state.random)
            state.links[link, default: Link()].queue.append(Parcel(dueMicroseconds: now + delay, deliver: deliver))
            return Self.beginPumping(link, &state)
        }
        if starts { pump(link) }
    }

    private static func beginPumping(_ link: LinkID, _ state: inout State) -> Bool {
        guard let found = state.links[link], !found.isPumping, !found.queue.isEmpty, !state.isBlocked(link) else {
            return false
        }
        state.links[link]?.isPumping = true
        return true
    }

    /// Unstructured: the wire goes on whatever the sender does. Ends when the link is empty or blocked.
    private func pump(_ link: LinkID) {
        Task {
            while let step = nextStep(link) {
                switch step {
                case .deliver(let deliver): deliver()
                // The clock's sleep fails only when the task is cancelled, which nobody does.
                case .wait(let microseconds): try? await clock.sleep(for: .microseconds(microseconds))
                }
            }
        }
    }

    private enum Step {
        case deliver(@Sendable () -> Void)
        case wait(Int64)
    }

    private func nextStep(_ link: LinkID) -> Step? {
        let now = clock.monotonicMicroseconds()
        return state.withLock { state in
            guard let next = state.links[link]?.queue.first, !state.isBlocked(link) else {
                state.links[link]?.isPumping = false
                return nil
            }
            guard next.dueMicroseconds <= now else { return .wait(next.dueMicroseconds - now) }
            _ = state.links[link]?.queue.popFirst()
            return .deliver(next.deliver)
        }
    }

    // MARK: Silence

    /// Looks at every link after something was cut, healed, stopped or resumed.
    private func blockingChanged() {
        let (blocked, freed, starting) = state.withLock { state in
            var blocked: [(LinkID, Int)] = []
            var freed: [LinkID] = []
            var starting: [LinkID] = []
            for link in state.links.keys.sorted() {
                guard var found = state.links[link] else { continue }
                let isBlocked = state.isBlocked(link)
                if isBlocked != found.wasBlocked {
                    found.wasBlocked = isBlocked
                    found.turn += 1
                    if isBlocked {
                        blocked.append((link, found.turn))
                    } else if found.isSilent {
                        found.isSilent = false
                        freed.append(link)
                    }
                    state.links[link] = found
                }
                if Self.beginPumping(link, &state) { starting.append(link) }
            }
            return (blocked, freed, starting)
        }
        for (link, turn) in blocked { watch(link, turn) }
        for link in freed { signal(link, .heard) }
        for link in starting { pump(link) }
    }

    /// Unstructured: a timer that finds out by itself whether it is still meant.
    private func watch(_ link: LinkID, _ turn: Int) {
        Task {
            try? await clock.sleep(for: Self.silence)
            let isMeant = state.withLock { state in
                guard state.links[link]?.turn == turn, state.nodes[link.to]?.isStopped != true else { return false }
                state.links[link]?.isSilent = true
                return true
            }
            guard isMeant else { return }
            signal(link, .silent)
            try? await clock.sleep(for: Self.abandonment - Self.silence)
            if state.withLock({ $0.links[link]?.turn == turn }) { signal(link, .ended(.silent)) }
        }
    }

    /// Tells every stream that hears through the link.
    private func signal(_ link: LinkID, _ signal: InMemoryStreamEnd.Signal) {
        let listening = state.withLock { state in
            state.streams.values.filter { $0.inward == link }.sorted { $0.id < $1.id }
        }
        for end in listening { end.receive(signal) }
    }
}
