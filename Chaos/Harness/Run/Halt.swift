internal import NIOCore
internal import Synchronization

/// The end of a run, for everybody who waits for a time meanwhile.
package final class Halt: Sendable {
    private struct State {
        var isOver = false
        var next = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }
    private let state = Mutex(State())

    package init() {}

    package var isOver: Bool { state.withLock { $0.isOver } }

    /// Wakes everybody; those who come later do not wait.
    package func stop() {
        let waiters = state.withLock { state in
            state.isOver = true
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Returns at the time, at the end, or when the task is cancelled.
    ///
    /// - Returns: whether the run goes on.
    func wait(until time: NIODeadline) async -> Bool {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        let timer = Task {
            let left = time - .now()
            if left > .zero { try? await Task.sleep(for: .nanoseconds(left.nanoseconds)) }
            wake(number)
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isDue = state.withLock { state in
                    if state.isOver || Task.isCancelled || time <= .now() { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if isDue { continuation.resume() }
            }
        } onCancel: {
            wake(number)
        }
        timer.cancel()
        return !isOver && !Task.isCancelled
    }

    private func wake(_ number: Int) {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
        waiter?.resume()
    }
}
