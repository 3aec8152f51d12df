internal import DocumentCore
internal import RuntimeTesting

/// What one run came to.
package struct SimulationOutcome {
    package var seed: UInt64
    package var violations: [SimulationViolation]
    package var traceHash: UInt64
    /// Operations that became durable.
    package var operations: Int
    package var submissions: Int
    /// Messages that editors received.
    package var received: Int
    package var faults: [String: Int]
    package var reports: [String: Int]
    package var virtualMicroseconds: Int64
    package var jobs: UInt64
    package var events: UInt64
    /// How many faults the schedule had.
    package var scheduledFaults: Int

    package init(
        seed: UInt64, violations: [SimulationViolation], traceHash: UInt64, operations: Int, submissions: Int,
        received: Int, faults: [String: Int], reports: [String: Int], virtualMicroseconds: Int64, jobs: UInt64,
        events: UInt64, scheduledFaults: Int
    ) {
        self.seed = seed
        self.violations = violations
        self.traceHash = traceHash
        self.operations = operations
        self.submissions = submissions
        self.received = received
        self.faults = faults
        self.reports = reports
        self.virtualMicroseconds = virtualMicroseconds
        self.jobs = jobs
        self.events = events
        self.scheduledFaults = scheduledFaults
    }
}

/// Runs one seed.
package enum Simulation {
    /// How long everything may take to settle once nothing is wrong any more.
    private static let settling: Int64 = 180_000_000

    /// Runs a plan to its end.
    ///
    /// - Parameter narrator: takes the transcript, line by line with its virtual time in microseconds.
    package static func run(_ plan: SimulationPlan, narrator: ((Int64, String) -> Void)? = nil) -> SimulationOutcome {
        let escapesBefore = SimulatedScheduler.escapes
        let world = SimulatedWorld(plan, narrator: narrator.map { Narrator($0) })
        world.begin()
        var schedule = FaultSchedule.all(plan)
        let scheduled = schedule.count
        var duration = plan.duration
        if let limit = plan.faultLimit, limit < scheduled {
            duration = schedule[limit].time
            schedule = Array(schedule.prefix(limit))
        }
        world.faults.follow(schedule)
        world.scheduler.run(until: duration) { !world.history.violations.isEmpty }
        if world.history.violations.isEmpty {
            world.faults.healAll()
            world.isTypingAllowed = false
            world.tell { "-- everything is healed" }
            let end = world.scheduler.now + settling
            world.scheduler.run(until: end) { world.isSettled || !world.history.violations.isEmpty }
            if !world.isSettled, world.history.violations.isEmpty {
                world.history.violated("settling", "not settled: \(unsettled(world))")
            }
        }
        world.history.finish()
        let end = world.scheduler.now
        world.end()
        if SimulatedScheduler.escapes != escapesBefore {
            world.history.violated(
                "determinism", "\(SimulatedScheduler.escapes - escapesBefore) jobs escaped the scheduler")
        }
        return SimulationOutcome(
            seed: plan.seed, violations: world.history.violations, traceHash: world.scheduler.trace.value,
            operations: world.postgres.operationsAppended, submissions: world.history.submissions,
            received: world.history.received, faults: world.faults.struck, reports: world.metrics.counts,
            virtualMicroseconds: end, jobs: world.scheduler.jobsRun, events: world.scheduler.eventsFired,
            scheduledFaults: scheduled)
    }

    private static func unsettled(_ world: SimulatedWorld) -> String {
        world.editors.filter { editor in
            !editor.isSettled || editor.machine.version != world.postgres.store.head(of: editor.document)
        }.map { editor in
            "\(editor.name) (\(editor.machine.isLive ? "live" : "not live"), "
                + "\(editor.machine.isSaved ? "saved" : "unsaved"), version \(editor.machine.version) of "
                + "\(world.postgres.store.head(of: editor.document)))"
        }.joined(separator: ", ")
    }
}
