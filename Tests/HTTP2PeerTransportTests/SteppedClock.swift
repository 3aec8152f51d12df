import RuntimePorts
import Synchronization

/// A clock that goes on only when it is told to.
final class SteppedClock: RuntimeClock {
    private struct Sleeper {
        var dueMicroseconds: Int64
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var nowMicroseconds: Int64 = 0
        var sleepers: [UInt64: Sleeper] = [:]
        var cancelled: Set<UInt64> = []
        var next: UInt64 = 0
    }

    private let state = Mutex(State())

    func monotonicMicroseconds() -> Int64 { state.withLock { $0.nowMicroseconds } }
    func wallMicroseconds() -> Int64 { monotonicMicroseconds() }

    func sleep(for duration: Duration) async throws {
        let (seconds, attoseconds) = duration.components
        let microseconds = seconds * 1_000_000 + attoseconds / 1_000_000_000_000
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let isCancelled = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return true }
                    state.sleepers[id] = Sleeper(
                        dueMicroseconds: state.nowMicroseconds + microseconds, continuation: continuation)
                    return false
                }
                if isCancelled { continuation.resume(throwing: CancellationError()) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: id)
                if sleeper == nil { state.cancelled.insert(id) }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    func advance(by duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let due = state.withLock { state in
            state.nowMicroseconds += seconds * 1_000_000 + attoseconds / 1_000_000_000_000
            let due = state.sleepers.filter { $0.value.dueMicroseconds <= state.nowMicroseconds }
            for id in due.keys { state.sleepers[id] = nil }
            return due.sorted { ($0.value.dueMicroseconds, $0.key) < ($1.value.dueMicroseconds, $1.key) }
        }
        for (_, sleeper) in due { sleeper.continuation.resume() }
    }
}
