internal import CRabbitMQ
internal import Glibc
internal import Synchronization

/// The thread behind a ``BlockingExecutor``: runs jobs in their order and sleeps while there is none.
///
/// `@unchecked Sendable`: `executor` is written before the thread starts and read on it alone; the semaphore is only
/// posted and waited for, which is allowed from anywhere; everything else is behind the mutex or atomic.
final class BlockingThread: @unchecked Sendable {
    private struct Mailbox {
        var jobs: [UnownedJob] = []
        var isStopped = false
    }

    private let mailbox = Mutex(Mailbox())
    private let id = Atomic<UInt>(0)
    private let wake = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)
    private weak var executor: BlockingExecutor?

    init() { sem_init(wake, 0, 0) }

    deinit {
        sem_destroy(wake)
        wake.deallocate()
    }

    /// Starts the thread, which owns this object until ``stop()``.
    func start(for executor: BlockingExecutor) throws(AMQPError) {
        self.executor = executor
        let owned = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                // The pointer is the retained object that was passed below; the thread releases it at its end.
                if let context { Unmanaged<BlockingThread>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, owned.toOpaque())
        guard code == 0 else {
            owned.release()
            throw AMQPError(.notConnected, "no thread for an AMQP connection: error \(code)")
        }
        pthread_detach(thread)
    }

    /// Lets the thread end. No job is left, because a job keeps its actor and the actor keeps the executor.
    func stop() {
        mailbox.withLock { $0.isStopped = true }
        sem_post(wake)
    }

    var isCurrent: Bool { id.load(ordering: .acquiring) == UInt(pthread_self()) }

    func enqueue(_ job: UnownedJob) {
        mailbox.withLock { $0.jobs.append(job) }
        sem_post(wake)
    }

    private func run() {
        id.store(UInt(pthread_self()), ordering: .releasing)
        collab_amqp_name_thread("amqp")
        while true {
            // Interrupted or one too many: then there is no job, and the loop comes back.
            sem_wait(wake)
            let (jobs, isStopped) = mailbox.withLock { mailbox in
                defer { mailbox.jobs = [] }
                return (mailbox.jobs, mailbox.isStopped)
            }
            if isStopped { return }
            // Every job keeps its actor, and so the executor, alive.
            guard !jobs.isEmpty, let executor else { continue }
            let reference = executor.asUnownedSerialExecutor()
            for job in jobs { job.runSynchronously(on: reference) }
        }
    }
}
