internal import Glibc
internal import Synchronization

/// Shuts a socket down half a second after a moment that can be moved, so that a call of the library returns that would
/// wait longer.
///
/// librabbitmq's timeouts cover what it reads. Writing to a server that takes nothing it polls until the heartbeat
/// fails, a minute later, and `SO_SNDTIMEO` does not help, since its sockets do not block.
final class SocketDeadline: Sendable {
    private struct State {
        /// `nil` when the call has returned.
        var descriptor: Int32?
        var moment: ContinuousClock.Instant
        var hasPassed = false
    }

    /// The library's own timeouts, and the wait for confirmations, are meant to come first: their errors say more.
    private static let slack = Duration.milliseconds(500)
    private let state: Mutex<State>

    init(of descriptor: Int32, in limit: Duration) {
        state = Mutex(State(descriptor: descriptor, moment: .now + limit + Self.slack))
    }

    /// Moves the deadline to `limit` from now.
    func extend(by limit: Duration) { state.withLock { $0.moment = .now + limit + Self.slack } }

    /// Leaves the socket alone from here on.
    ///
    /// - Returns: whether it was shut down.
    func end() -> Bool {
        state.withLock { state in
            state.descriptor = nil
            return state.hasPassed
        }
    }

    /// Waits for the deadline; cancelled when the call has returned.
    func run() async {
        while let moment = state.withLock({ $0.descriptor == nil ? nil : $0.moment }) {
            do { try await Task.sleep(until: moment, clock: .continuous) } catch { return }
            let isOver = state.withLock { state in
                // Inside the lock, so that the descriptor cannot have become another's.
                guard let descriptor = state.descriptor, state.moment <= .now else { return false }
                shutdown(descriptor, Int32(SHUT_RDWR))
                state.hasPassed = true
                return true
            }
            if isOver { return }
        }
    }
}
