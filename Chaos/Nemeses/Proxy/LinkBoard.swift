internal import Synchronization

/// Which conditions hold on which links now, and the connections that they hold for.
///
/// Event loops ask it, the proxy's actor changes it.
final class LinkBoard: Sendable {
    private struct State {
        var next = 0
        var impositions: [Int: (links: Set<Link>, condition: LinkCondition)] = [:]
        var connections: [ObjectIdentifier: ProxiedConnection.Handle] = [:]
    }
    private let state = Mutex(State())

    /// All that is imposed on a link, at once.
    func condition(of link: Link) -> LinkCondition {
        state.withLock { state in
            state.impositions.values.filter { $0.links.contains(link) }
                .reduce(LinkCondition()) { $0.combined(with: $1.condition) }
        }
    }

    func impose(_ condition: LinkCondition, on links: Set<Link>) -> Int {
        state.withLock { state in
            state.next += 1
            state.impositions[state.next] = (links, condition)
            return state.next
        }
    }

    /// - Returns: the links that it held on.
    func lift(_ number: Int) -> Set<Link> { state.withLock { $0.impositions.removeValue(forKey: number)?.links ?? [] } }

    func add(_ connection: ProxiedConnection.Handle) {
        state.withLock { $0.connections[ObjectIdentifier(connection)] = connection }
    }

    func remove(_ connection: ProxiedConnection.Handle) {
        state.withLock { $0.connections[ObjectIdentifier(connection)] = nil }
    }

    /// The connections of some links; `nil`: of all.
    func connections(of links: Set<Link>?) -> [ProxiedConnection.Handle] {
        state.withLock { state in
            state.connections.values.filter { links?.contains($0.link) ?? true }
        }
    }
}
