internal import RuntimePorts

/// A process's clocks on the virtual time.
///
/// Sound although unchecked: a simulation has one thread.
final class SimulatedClock: RuntimeClock, @unchecked Sendable {
    private let scheduler: SimulatedScheduler
    private let process: SimulatedProcess
    /// 2026-01-01, in microseconds since 1970.
    private static let firstDay: Int64 = 1_767_225_600_000_000

    init(_ scheduler: SimulatedScheduler, of process: SimulatedProcess) {
        self.scheduler = scheduler
        self.process = process
    }

    func monotonicMicroseconds() -> Int64 { process.time.monotonic(scheduler.now) }

    func wallMicroseconds() -> Int64 { Self.firstDay + scheduler.now + process.time.wallOffset }

    func sleep(for duration: Duration) async throws {
        let sleeper = Sleeper(scheduler)
        let wait = process.time.virtual(duration.microseconds)
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { sleeper.begin($0, for: wait, as: process) }
        } onCancel: {
            sleeper.cancel()
        }
    }
}

/// One sleep. Sound although unchecked: a simulation has one thread.
private final class Sleeper: @unchecked Sendable {
    private let scheduler: SimulatedScheduler
    private var continuation: CheckedContinuation<Void, any Error>?
    private var timer: EventQueue.ID?
    private var isCancelled = false

    init(_ scheduler: SimulatedScheduler) { self.scheduler = scheduler }

    func begin(
        _ continuation: CheckedContinuation<Void, any Error>, for wait: Int64, as process: SimulatedProcess
    ) {
        guard !isCancelled else { return continuation.resume(throwing: CancellationError()) }
        self.continuation = continuation
        timer = scheduler.after(wait, as: process) { self.finish(.success(())) }
    }

    func cancel() {
        isCancelled = true
        if let timer { scheduler.cancel(timer) }
        finish(.failure(CancellationError()))
    }

    private func finish(_ result: Result<Void, any Error>) {
        let waiting = continuation
        continuation = nil
        timer = nil
        waiting?.resume(with: result)
    }
}

extension Duration {
    /// Whole microseconds, rounded up.
    var microseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000 + (attoseconds + 999_999_999_999) / 1_000_000_000_000
    }
}
