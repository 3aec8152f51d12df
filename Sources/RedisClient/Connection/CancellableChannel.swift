internal import NIOCore
internal import Synchronization

/// A channel that may be closed from another task, also before it is known.
final class CancellableChannel: Sendable {
    private enum State {
        case unknown
        case open(any Channel)
        case closed
    }

    private let state = Mutex(State.unknown)

    /// Says which channel it is; closes it if that has been asked for already.
    func adopt(_ channel: any Channel) {
        let isClosed = state.withLock { state in
            if case .closed = state { return true }
            state = .open(channel)
            return false
        }
        if isClosed { channel.close(promise: nil) }
    }

    /// Closes the channel now, or as soon as it is known.
    func close() {
        let former = state.withLock { state in
            defer { state = .closed }
            return state
        }
        if case .open(let channel) = former { channel.close(promise: nil) }
    }
}
