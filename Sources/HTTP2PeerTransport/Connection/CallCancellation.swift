internal import Synchronization

/// Cancels a call whose task was cancelled, whether that comes before or after the call was handed to its connection.
final class CallCancellation: Sendable {
    private enum State {
        case notBegun
        case begun(UInt64)
        case cancelled
    }

    private let connection: PeerConnection
    private let state = Mutex(State.notBegun)

    init(_ connection: PeerConnection) { self.connection = connection }

    func began(_ id: UInt64) {
        let isCancelled = state.withLock { state in
            if case .cancelled = state { return true }
            state = .begun(id)
            return false
        }
        if isCancelled { _ = connection.enqueue(.cancel(id)) }
    }

    func cancel() {
        let begun = state.withLock { state -> UInt64? in
            defer { state = .cancelled }
            if case .begun(let id) = state { return id }
            return nil
        }
        if let begun { _ = connection.enqueue(.cancel(begun)) }
    }
}
