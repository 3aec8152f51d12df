internal import NIOCore
internal import RedisClient
internal import RuntimePorts
internal import Synchronization

/// What the connections to Redis are doing, by their names.
final class LinkStates: Sendable {
    private enum State: Sendable {
        case connecting, connected
        case waiting(until: NIODeadline)
    }

    private let states: Mutex<[String: State]>

    init(_ connections: [String]) {
        states = Mutex(Dictionary(uniqueKeysWithValues: connections.map { ($0, State.connecting) }))
    }

    func record(_ event: RedisLinkEvent, of connection: String) {
        states.withLock { states in
            switch event {
            case .connected: states[connection] = .connected
            case .disconnected(_, let delay): states[connection] = .waiting(until: .now() + TimeAmount(delay))
            }
        }
    }

    var links: DependencyLinks {
        let now = NIODeadline.now()
        return DependencyLinks(
            states.withLock { states in
                states.values.map { state -> DependencyLinks.Phase in
                    switch state {
                    case .connected: .open
                    case .connecting: .connecting
                    // No event tells of the attempt itself.
                    case .waiting(let until): now < until ? .waiting : .connecting
                    }
                }
            })
    }
}
