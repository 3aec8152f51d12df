internal import CPollWake
internal import Glibc
internal import Synchronization

/// The thread behind a ``PollExecutor``: runs jobs, then sleeps in `poll` until a job, a descriptor or a deadline is due.
///
/// `@unchecked Sendable`: `watches` and `executor` are written before the thread starts or on the thread alone
/// (``PollExecutor`` checks); everything else is constant or behind the mutex.
final class PollLoop: @unchecked Sendable {
    struct Watch {
        weak var source: (any PollSource)?
        var interest: PollInterest
    }

    private struct Mailbox {
        var jobs: [UnownedJob] = []
        /// Whether the thread is or will be awake for what is in `jobs`.
        var isSignalled = false
        var isStopped = false
    }

    /// What to wait for. On the thread only.
    var watches: [ObjectIdentifier: Watch] = [:]
    private let wake: Int32
    private let mailbox = Mutex(Mailbox())
    private let threadID = Atomic<UInt>(0)
    private weak var executor: PollExecutor?

    init() throws(PostgresError) {
        wake = collab_wake_create()
        guard wake >= 0 else { throw .unavailable("no descriptor for a poll thread: errno \(errno)") }
    }

    /// Starts the thread, which owns this object until ``stop()``.
    func start(for executor: PollExecutor) throws(PostgresError) {
        self.executor = executor
        let owned = Unmanaged.passRetained(self)
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                // The pointer is the retained loop that was passed below; the thread releases it at its end.
                if let context { Unmanaged<PollLoop>.fromOpaque(context).takeRetainedValue().run() }
                return nil
            }, owned.toOpaque())
        guard code == 0 else {
            owned.release()
            close(wake)
            throw .unavailable("no thread for PostgreSQL: error \(code)")
        }
        pthread_detach(thread)
    }

    /// Lets the thread end. No job is left, because a job keeps its actor and the actor keeps the executor.
    func stop() {
        mailbox.withLock { mailbox in
            mailbox.isStopped = true
            // Inside the lock, so that the thread cannot have closed the descriptor already.
            _ = collab_wake_signal(wake)
        }
    }

    var isCurrentThread: Bool { threadID.load(ordering: .acquiring) == Self.currentThreadID }

    func enqueue(_ job: UnownedJob) {
        let isOnThread = isCurrentThread
        mailbox.withLock { mailbox in
            mailbox.jobs.append(job)
            // The thread looks for jobs before it sleeps.
            guard !isOnThread, !mailbox.isSignalled else { return }
            mailbox.isSignalled = true
            _ = collab_wake_signal(wake)
        }
    }

    private static var currentThreadID: UInt {
        UInt(pthread_self())
    }

    private func run() {
        threadID.store(Self.currentThreadID, ordering: .releasing)
        var descriptors: [pollfd] = []
        var ids: [ObjectIdentifier] = []
        while runJobs() {
            descriptors.removeAll(keepingCapacity: true)
            ids.removeAll(keepingCapacity: true)
            descriptors.append(pollfd(fd: wake, events: Int16(POLLIN), revents: 0))
            watches = watches.filter { $0.value.source != nil }
            var deadline: MonotonicTime?
            for (id, watch) in watches {
                ids.append(id)
                descriptors.append(
                    pollfd(fd: watch.interest.descriptor, events: watch.interest.events, revents: 0))
                if let own = watch.interest.deadline { deadline = deadline.map { min($0, own) } ?? own }
            }
            poll(&descriptors, nfds_t(descriptors.count), Self.timeout(until: deadline))
            if descriptors[0].revents != 0 {
                // First clear, then take the jobs: a signal in between is only one wake too many.
                _ = collab_wake_clear(wake)
            }
            dispatch(ids, descriptors.dropFirst())
        }
        close(wake)
    }

    /// Runs jobs until there is none; `false` when the loop has been stopped.
    private func runJobs() -> Bool {
        while true {
            let (jobs, isStopped) = mailbox.withLock { mailbox in
                let taken = mailbox.jobs
                mailbox.jobs = []
                if taken.isEmpty { mailbox.isSignalled = false }
                return (taken, mailbox.isStopped)
            }
            if jobs.isEmpty { return !isStopped }
            // Every job keeps its actor, and so the executor, alive.
            guard let executor else { return false }
            let reference = executor.asUnownedSerialExecutor()
            for job in jobs { job.runSynchronously(on: reference) }
        }
    }

    private func dispatch(_ ids: [ObjectIdentifier], _ descriptors: ArraySlice<pollfd>) {
        for (id, descriptor) in zip(ids, descriptors) where descriptor.revents != 0 {
            // A handler before this one may have changed what is awaited.
            guard let watch = watches[id], watch.interest.descriptor == descriptor.fd else { continue }
            watch.source?.pollReady(descriptor.revents)
        }
        let now = MonotonicTime.now
        for id in ids {
            guard let watch = watches[id], let deadline = watch.interest.deadline, deadline <= now else { continue }
            watches[id]?.interest.deadline = nil
            watch.source?.pollDeadline()
        }
    }

    /// Milliseconds for `poll`, rounded up so that a deadline has passed when it returns; -1: without end.
    private static func timeout(until deadline: MonotonicTime?) -> Int32 {
        guard let deadline else { return -1 }
        let left = deadline.nanoseconds - MonotonicTime.now.nanoseconds
        return Int32(clamping: max(0, (left + 999_999) / 1_000_000))
    }
}
