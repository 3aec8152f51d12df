internal import RuntimePorts
internal import Synchronization

/// Hands announcements to every consumer. A consumer that is behind finds one event that stands for all it missed.
final class MembershipBroadcaster: Sendable {
    private struct State {
        var consumers: [Int: AsyncStream<MembershipEvent>.Continuation] = [:]
        var nextConsumer = 0
        var isFinished = false
    }

    private let state = Mutex(State())

    /// Begins a stream for a consumer; it ends when the consumer stops or at ``finish()``.
    func events() -> AsyncStream<MembershipEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: MembershipEvent.self, bufferingPolicy: .bufferingNewest(1))
        let consumer = state.withLock { state -> Int? in
            if state.isFinished { return nil }
            state.nextConsumer += 1
            state.consumers[state.nextConsumer] = continuation
            return state.nextConsumer
        }
        guard let consumer else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { state in _ = state.consumers.removeValue(forKey: consumer) }
        }
        return stream
    }

    func send(_ event: MembershipEvent) {
        let consumers = state.withLock { Array($0.consumers.values) }
        for consumer in consumers {
            // A loss of the connection is the stronger reason to look again; it is not displaced by a change.
            if case .dropped(.reconnected) = consumer.yield(event) { consumer.yield(.reconnected) }
        }
    }

    func finish() {
        let consumers = state.withLock { state in
            state.isFinished = true
            return Array(state.consumers.values)
        }
        for consumer in consumers { consumer.finish() }
    }
}
