/// Runs an actor on a thread of its own, on which the actor may block.
///
/// The compiler proves that nobody else calls a library that is not thread-safe, and the cooperative pool keeps its few
/// threads. The thread ends when the actor and every other holder of the executor are gone.
final class BlockingExecutor: SerialExecutor {
    private let thread: BlockingThread

    /// Starts the thread.
    ///
    /// - Throws: ``AMQPError`` with code `notConnected` when the system gives no thread.
    init() throws(AMQPError) {
        thread = BlockingThread()
        try thread.start(for: self)
    }

    deinit { thread.stop() }

    func enqueue(_ job: consuming ExecutorJob) { thread.enqueue(UnownedJob(job)) }

    func checkIsolated() { precondition(thread.isCurrent, "not on the executor's thread") }

    func isIsolatingCurrentContext() -> Bool? { thread.isCurrent }
}
