/// Time as the runtime sees it; a test or a simulation passes its own.
package protocol RuntimeClock: Sendable {
    /// Microseconds of a clock that never goes back and goes on while the process is stopped.
    func monotonicMicroseconds() -> Int64
    /// Microseconds since 1970.
    func wallMicroseconds() -> Int64
    /// Returns after the duration, or throws `CancellationError`.
    func sleep(for duration: Duration) async throws
}
