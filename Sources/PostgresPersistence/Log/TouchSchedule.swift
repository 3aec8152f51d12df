internal import CollabModel
internal import Synchronization

/// Says which documents' `updated_at` an append should move: each at most once per interval.
///
/// Remembers only what was touched within the last interval, so it is bounded by the documents edited in it.
final class TouchSchedule: Sendable {
    private struct State {
        var touched: [DocumentID: ContinuousClock.Instant] = [:]
        var nextSweep: ContinuousClock.Instant
    }

    private let interval: Duration
    private let state: Mutex<State>

    init(interval: Duration) {
        self.interval = interval
        state = Mutex(State(nextSweep: .now + interval))
    }

    /// Those of the documents that are due; they count as touched from now on.
    func due(_ documents: some Sequence<DocumentID>) -> [DocumentID] {
        let now = ContinuousClock.now
        return state.withLock { state in
            if state.nextSweep <= now {
                state.touched = state.touched.filter { $0.value + interval > now }
                state.nextSweep = now + interval
            }
            var due: [DocumentID] = []
            for document in documents {
                if let last = state.touched[document], last + interval > now { continue }
                state.touched[document] = now
                due.append(document)
            }
            return due
        }
    }

    /// The append did not happen: they are due again.
    func forget(_ documents: [DocumentID]) {
        state.withLock { state in
            for document in documents { state.touched[document] = nil }
        }
    }
}
