import CollabModel

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

extension ConnectionOrder {
    /// Not below the order of any connection of an earlier session with the same client id: no session opens a thousand
    /// connections a second, so milliseconds since 1970 serve. Where the clock has been set back meanwhile, an earlier
    /// connection that the cluster still takes for open keeps its place until it is found to be gone.
    static var now: ConnectionOrder {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return ConnectionOrder(UInt64(max(0, time.tv_sec)) * 1_000 + UInt64(time.tv_nsec) / 1_000_000)
    }
}
