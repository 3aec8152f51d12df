#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The processor time of this process.
enum ProcessCPU {
    #if canImport(Glibc)
        private static let own = RUSAGE_SELF.rawValue
    #else
        private static let own = RUSAGE_SELF
    #endif

    /// User and system time so far, in microseconds; 0 where the system does not say.
    static var microseconds: Int64 {
        var usage = rusage()
        let result = getrusage(own, &usage)
        guard result == 0 else { return 0 }
        return Int64(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1_000_000
            + Int64(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec)
    }
}
