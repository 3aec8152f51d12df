import Benchmark

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension BenchmarkMetric {
    /// The processor time of the process in nanoseconds, which other programs on the machine disturb far less than the
    /// time on the wall. The library's own has a resolution of 10 ms on Linux.
    static let cpuTime = BenchmarkMetric.custom("CPU time (ns)", polarity: .prefersSmaller, useScalingFactor: true)
}

extension Benchmark {
    /// Runs the body and records its processor time.
    func measuringCPUTime<Failure: Error>(_ body: () throws(Failure) -> Void) throws(Failure) {
        let start = Self.cpuNanoseconds
        try body()
        measurement(.cpuTime, Self.cpuNanoseconds - start)
    }

    private static var cpuNanoseconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Int(time.tv_sec) * 1_000_000_000 + Int(time.tv_nsec)
    }
}
