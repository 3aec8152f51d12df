import RuntimePorts

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The machine's clocks.
package struct SystemRuntimeClock: RuntimeClock {
    package init() {}

    package func monotonicMicroseconds() -> Int64 { Self.microseconds(CLOCK_MONOTONIC) }

    package func wallMicroseconds() -> Int64 { Self.microseconds(CLOCK_REALTIME) }

    package func sleep(for duration: Duration) async throws { try await ContinuousClock().sleep(for: duration) }

    private static func microseconds(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }
}
