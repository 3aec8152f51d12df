/// Something with a file descriptor or a deadline that a ``PollExecutor`` watches on its thread.
package protocol PollSource: AnyObject, Sendable {
    /// Called on the executor's thread when one of the awaited `poll` events, or an error, is there.
    func pollReady(_ events: Int16)
    /// Called on the executor's thread once the awaited moment has passed.
    func pollDeadline()
}

/// What a ``PollSource`` waits for.
struct PollInterest: Equatable {
    /// -1: only the deadline is awaited.
    var descriptor: Int32
    /// `POLLIN`, `POLLOUT`.
    var events: Int16
    var deadline: MonotonicTime?
}
