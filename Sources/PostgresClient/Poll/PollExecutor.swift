/// Runs actors on one thread that also waits for their file descriptors.
///
/// An actor whose executor this is may call a C library that is not thread-safe without a lock, and the compiler proves
/// that nobody else does. The thread ends when the last such actor and the last holder of the executor are gone.
package final class PollExecutor: SerialExecutor {
    private let loop: PollLoop

    /// Starts the thread.
    ///
    /// - Throws: ``PostgresError/unavailable(_:)`` when the system gives no descriptor or no thread.
    package init() throws(PostgresError) {
        loop = try PollLoop()
        try loop.start(for: self)
    }

    deinit { loop.stop() }

    package func enqueue(_ job: consuming ExecutorJob) {
        loop.enqueue(UnownedJob(job))
    }

    package func checkIsolated() {
        precondition(loop.isCurrentThread, "not on the executor's thread")
    }

    package func isIsolatingCurrentContext() -> Bool? { loop.isCurrentThread }

    /// Awaits what `interest` says for `source`, in place of what was awaited before. Only on the executor's thread.
    /// The source is held weakly.
    func watch(_ source: any PollSource, _ interest: PollInterest) {
        checkIsolated()
        loop.watches[ObjectIdentifier(source)] = PollLoop.Watch(source: source, interest: interest)
    }

    /// Awaits nothing for `source` any more. Only on the executor's thread.
    func unwatch(_ source: any PollSource) {
        checkIsolated()
        loop.watches[ObjectIdentifier(source)] = nil
    }
}
