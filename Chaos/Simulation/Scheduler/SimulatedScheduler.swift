internal import CSimulationHooks
internal import DequeModule
internal import DocumentCore
internal import Randomness

/// Runs every job of the Swift runtime on one thread, in an order that the seed decides, on a virtual clock.
///
/// While a job is ready no time passes; when none is, the earliest event fires and the clock stands at its time. Actors,
/// tasks, task groups, continuations and streams run unmodified. The hook is the process's: one simulation at a time,
/// and nothing else beside it.
///
/// Confined to the thread that called ``install()``, like everything in this target.
final class SimulatedScheduler {
    private struct ReadyJob {
        var job: UnsafeMutableRawPointer
        var process: SimulatedProcess
    }

    private var ready = Deque<ReadyJob>()
    private var events = EventQueue()
    private var random: SplitMix64
    /// Whether jobs are picked by chance; otherwise the first comes first.
    private let shuffles: Bool
    /// Tells a transcript; `nil`: nobody reads.
    let narrator: Narrator?
    private var processes = 0
    /// Microseconds since the simulation began.
    private(set) var now: Int64 = 0
    private(set) var trace = TraceHash()
    private(set) var jobsRun: UInt64 = 0
    private(set) var eventsFired: UInt64 = 0
    /// To whom belongs what is being run, and what it starts.
    private(set) var current: SimulatedProcess
    /// The simulation itself: never stopped.
    let world: SimulatedProcess

    init(seed: UInt64, shuffles: Bool = true, narrator: Narrator? = nil) {
        self.shuffles = shuffles
        self.narrator = narrator
        random = SplitMix64(seed: seed)
        world = SimulatedProcess(number: 0, name: "world")
        current = world
    }

    func makeProcess(_ name: String) -> SimulatedProcess {
        processes += 1
        return SimulatedProcess(number: processes, name: name)
    }

    // MARK: The hook

    /// The scheduler that takes the jobs.
    nonisolated(unsafe) private static var active: SimulatedScheduler?
    nonisolated(unsafe) private static var isInstalled = false

    /// Takes every job of this process's executors from now on.
    func install() {
        Self.active = self
        guard !Self.isInstalled else { return }
        Self.isInstalled = true
        collab_simulation_install { job in
            guard let job else { return }
            SimulatedScheduler.active?.enqueue(job)
        }
    }

    /// Jobs that escaped: from foreign threads, and those that wait for a real clock.
    static var escapes: UInt64 { collab_simulation_foreign_jobs() + collab_simulation_delayed_jobs() }

    private func enqueue(_ job: UnsafeMutableRawPointer) {
        if current.isStopped {
            current.withheldJobs.append(job)
        } else {
            ready.append(ReadyJob(job: job, process: current))
        }
    }

    // MARK: Processes

    /// Runs `body` as a process's own doing.
    func run<Result>(as process: SimulatedProcess, _ body: () -> Result) -> Result {
        let before = current
        current = process
        defer { current = before }
        return body()
    }

    /// Withholds a process's jobs, timers and arrivals from now on.
    func stop(_ process: SimulatedProcess) {
        guard process.isRunning else { return }
        process.set(.stopped)
        var kept = Deque<ReadyJob>()
        for entry in ready {
            if entry.process === process { process.withheldJobs.append(entry.job) } else { kept.append(entry) }
        }
        ready = kept
    }

    /// Gives back what was withheld: everything at once, events in their order.
    func resume(_ process: SimulatedProcess) {
        guard process.isStopped else { return }
        process.set(.running)
        giveBack(process)
    }

    /// Ends a process: what it still runs has no effect outside (its ports see to that).
    func end(_ process: SimulatedProcess) {
        guard !process.hasEnded else { return }
        process.set(.ended)
        giveBack(process)
    }

    private func giveBack(_ process: SimulatedProcess) {
        for job in process.withheldJobs { ready.append(ReadyJob(job: job, process: process)) }
        process.withheldJobs = []
        let withheld = process.withheldEvents
        process.withheldEvents = []
        for event in withheld { _ = events.add(at: now, event) }
    }

    // MARK: Events

    /// Lets something happen at a time, as a process's doing.
    @discardableResult
    func at(_ time: Int64, as process: SimulatedProcess, _ action: @escaping () -> Void) -> EventQueue.ID {
        events.add(at: max(time, now), EventQueue.Event(process: process, action: action))
    }

    /// Lets something happen after so many microseconds, as a process's doing.
    @discardableResult
    func after(_ microseconds: Int64, as process: SimulatedProcess, _ action: @escaping () -> Void) -> EventQueue.ID {
        at(now + max(0, microseconds), as: process, action)
    }

    func cancel(_ event: EventQueue.ID) { events.cancel(event) }

    /// Takes something into the trace.
    func note(_ word: UInt64) { trace.add(word) }

    /// Tells the transcript something, where there is one.
    func tell(_ line: (Narrator) -> String?) {
        if let narrator, let words = line(narrator) { narrator.tell(now, words) }
    }

    // MARK: The loop

    /// Runs until the virtual time, or until `isOver` after an event.
    func run(until end: Int64, or isOver: () -> Bool = { false }) {
        while true {
            runReady()
            guard !isOver() else { return }
            guard let next = events.nextTime, next <= end else {
                now = max(now, end)
                return
            }
            fireNext()
        }
    }

    /// Runs every job that is ready and those that they make ready.
    func runReady() {
        while !ready.isEmpty {
            if shuffles, ready.count > 1 {
                ready.swapAt(0, Int(random.next() % UInt64(ready.count)))
            }
            let entry = ready.removeFirst()
            jobsRun += 1
            trace.add(UInt64(entry.process.number) << 32 | UInt64(ready.count))
            current = entry.process
            collab_simulation_run(entry.job)
            current = world
        }
    }

    private func fireNext() {
        guard let (time, event) = events.popFirst(), let event else { return }
        now = max(now, time)
        if event.process.isStopped {
            event.process.withheldEvents.append(event)
            return
        }
        eventsFired += 1
        trace.add(UInt64(bitPattern: now) &* 64 &+ UInt64(event.process.number))
        current = event.process
        event.action()
        current = world
    }
}
