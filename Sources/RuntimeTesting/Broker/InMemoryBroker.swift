package import CollabModel
internal import DocumentCore
package import RuntimePorts
internal import Synchronization

/// A broker in memory: one queue that gets every change.
package final class InMemoryBroker: ChangeBroker {
    private struct State {
        var changes: [Change] = []
        var isDown = false
        /// So many times yet what is sent is taken, and its sender is told that it is not known.
        var lostConfirms = 0
        var largestBatch = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// What was taken, in order.
    package var changes: [Change] { state.withLock { $0.changes } }

    /// The versions of one document that were taken, in order.
    package func versions(of document: DocumentID) -> [Int64] {
        changes.filter { $0.document == document }.map(\.operation.version.value)
    }

    /// The most changes that came in one request.
    package var largestBatch: Int { state.withLock { $0.largestBatch } }

    /// Fails every request until ``comeBack()``.
    package func goDown() { state.withLock { $0.isDown = true } }
    package func comeBack() { state.withLock { $0.isDown = false } }

    /// Takes what is sent the next times, and fails then.
    package func loseConfirms(_ count: Int) { state.withLock { $0.lostConfirms = count } }

    package func reach() async throws(BrokerUnavailable) {
        if state.withLock({ $0.isDown }) { throw BrokerUnavailable("the broker is down") }
    }

    package func publish(_ changes: [Change]) async throws(BrokerUnavailable) {
        let error = state.withLock { state -> BrokerUnavailable? in
            guard !state.isDown else { return BrokerUnavailable("the broker is down") }
            state.changes += changes
            state.largestBatch = max(state.largestBatch, changes.count)
            guard state.lostConfirms > 0 else { return nil }
            state.lostConfirms -= 1
            return BrokerUnavailable("the connection was lost")
        }
        if let error { throw error }
    }

    package func queueDepths() async throws(BrokerUnavailable) -> [QueueDepth] {
        let depth = state.withLock { $0.isDown ? nil : $0.changes.count }
        guard let depth else { throw BrokerUnavailable("the broker is down") }
        return [QueueDepth(name: "memory", messages: depth)]
    }

    package var links: DependencyLinks { DependencyLinks([state.withLock { $0.isDown } ? .waiting : .open]) }

    package func shutdown() async {}
}
