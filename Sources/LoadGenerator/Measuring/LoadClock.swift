import NIOCore

/// The clock of a load: monotonic microseconds, the same for all event loops of the process.
enum LoadClock {
    static var now: Int64 { Int64(NIODeadline.now().uptimeNanoseconds / 1_000) }

    static func deadline(_ microseconds: Int64) -> NIODeadline {
        .uptimeNanoseconds(UInt64(max(0, microseconds)) * 1_000)
    }
}
