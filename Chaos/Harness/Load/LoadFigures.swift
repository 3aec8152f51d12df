internal import CollabModel
internal import Synchronization

/// What is counted while a load runs, from all its event loops.
final class LoadFigures: Sendable {
    /// An operation that was acknowledged.
    struct Ack: Sendable {
        /// On the clock of the history.
        var at: Int64
        /// Since it was first sent, in microseconds.
        var latency: Int64
    }

    struct Counts: Sendable {
        var submitted = 0
        var resent = 0
        var acknowledged = 0
        var reconnects = 0
        var degraded = 0
        /// Errors that the protocol told, by code.
        var errors: [String: Int] = [:]
        /// Edits that were refused for good, with the reasons.
        var refusals: [String: Int] = [:]
        /// Sessions that were ended for good, by close code.
        var endings: [String: Int] = [:]
    }

    private struct State {
        var acks: [Ack] = []
        var counts = Counts()
        /// When it was first heard that a client had left.
        var left: [ClientID: Int64] = [:]
    }
    private let state = Mutex(State())

    var counts: Counts { state.withLock { $0.counts } }
    var acks: [Ack] { state.withLock { $0.acks } }

    /// Those of the last moments, newest last.
    func acks(since time: Int64) -> [Ack] {
        state.withLock { state in
            var start = state.acks.endIndex
            while start > 0, state.acks[start - 1].at >= time { start -= 1 }
            return Array(state.acks[start...])
        }
    }

    func submitted(again: Bool) {
        state.withLock { state in
            if again { state.counts.resent += 1 } else { state.counts.submitted += 1 }
        }
    }

    func acknowledged(at time: Int64, latency: Int64) {
        state.withLock { state in
            state.counts.acknowledged += 1
            state.acks.append(Ack(at: time, latency: latency))
        }
    }

    func reconnected() { state.withLock { $0.counts.reconnects += 1 } }
    func degraded() { state.withLock { $0.counts.degraded += 1 } }
    func failed(_ code: String) { state.withLock { $0.counts.errors[code, default: 0] += 1 } }
    func refused(_ reason: String) { state.withLock { $0.counts.refusals[reason, default: 0] += 1 } }
    func ended(_ code: String) { state.withLock { $0.counts.endings[code, default: 0] += 1 } }

    /// Somebody was told that a client has left.
    func left(_ client: ClientID, at time: Int64) {
        state.withLock { state in
            if state.left[client] == nil { state.left[client] = time }
        }
    }

    /// When it was first heard, after a time, that a client had left.
    func leaving(of client: ClientID) -> Int64? { state.withLock { $0.left[client] } }
    /// Forgets that a client once left, as one does that lost its connection and came back.
    func forgetLeaving(of client: ClientID) { state.withLock { $0.left[client] = nil } }
}
