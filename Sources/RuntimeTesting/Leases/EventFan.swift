internal import RuntimePorts
internal import Synchronization

/// Hands events to every consumer in the order in which they came to listen; what a consumer has not taken is merged
/// into one event.
final class EventFan: Sendable {
    private struct State {
        var consumers: [(id: Int, continuation: AsyncStream<MembershipEvent>.Continuation)] = []
        var next = 0
    }

    private let state = Mutex(State())

    func events() -> AsyncStream<MembershipEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: MembershipEvent.self, bufferingPolicy: .bufferingNewest(1))
        let id = state.withLock { state in
            state.next += 1
            state.consumers.append((state.next, continuation))
            return state.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { $0.consumers.removeAll { $0.id == id } }
        }
        return stream
    }

    func send(_ event: MembershipEvent) {
        for (_, continuation) in state.withLock({ $0.consumers }) {
            if case .dropped(.reconnected) = continuation.yield(event) { continuation.yield(.reconnected) }
        }
    }
}
