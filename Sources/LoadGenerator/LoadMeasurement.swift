import CollabModel
import NIOCore

/// The typing of a load, and its figures.
struct LoadMeasurement: Sendable {
    let fleet: LoadFleet
    let plan: LoadPlan
    let tell: @Sendable (String) -> Void

    /// Types at one rate for the duration, or until the trace has been typed.
    func run(into report: inout LoadReport) async throws {
        let start = LoadClock.now + 50_000
        let measured = start + Int64(plan.warmUp * 1_000_000)
        for recorder in fleet.recorders { recorder.begin(at: measured) }
        for document in fleet.documents { document.ledger.begin(at: measured) }
        let ends = try await fleet.startTyping(at: start, rate: plan.rate)
        let limit = measured + Int64(plan.duration * 1_000_000)
        try await sleep(until: measured)
        let cpu = ProcessCPU.microseconds
        let begun = LoadClock.now
        let typing = TypingEnd()
        if plan.endsWithTrace, let first = ends.first {
            EventLoopFuture.andAllComplete(ends, on: first.eventLoop).whenComplete { _ in typing.end() }
        }
        var seconds: [LoadReport.Second] = []
        while LoadClock.now < limit, !typing.hasEnded {
            let cpuBefore = ProcessCPU.microseconds
            let before = LoadClock.now
            await typing.wait(until: min(limit, begun + Int64(seconds.count + 1) * 1_000_000))
            try Task.checkCancellation()
            let span = Double(max(1, LoadClock.now - before))
            let second = takeSecond(seconds.count + 1, cpu: Double(ProcessCPU.microseconds - cpuBefore) / span)
            seconds.append(second)
            tell(LoadReport.line(second))
        }
        try await fleet.stopTyping()
        let end = LoadClock.now
        for document in fleet.documents { document.ledger.end(at: end) }
        report.timeline = seconds
        report.seconds = Double(end - measured) / 1_000_000
        report.generatorCPU = Double(ProcessCPU.microseconds - cpu) / Double(max(1, end - begun))
        report.gapMilliseconds = longestGap
    }

    /// Takes the figures of a measurement at one rate, once everything has settled: the edits of the last moments were in
    /// flight, and count with however long they took.
    func finish(into report: inout LoadReport) {
        if plan.ramp == nil { take(figures(), into: &report) }
    }

    /// Raises the rate step by step.
    func ramp(_ ramp: LoadRamp, into report: inout LoadReport) async throws {
        var rate = plan.rate
        let start = LoadClock.now + 50_000
        for recorder in fleet.recorders { recorder.begin(at: start) }
        for document in fleet.documents { document.ledger.begin(at: start) }
        _ = try await fleet.startTyping(at: start, rate: rate)
        try await sleep(until: start + Int64(plan.warmUp * 1_000_000))
        let cpu = ProcessCPU.microseconds
        let begun = LoadClock.now
        var errors = 0
        var reconnects = 0
        for _ in 0..<max(1, ramp.steps) {
            let stepCPU = ProcessCPU.microseconds
            let stepStart = LoadClock.now
            for recorder in fleet.recorders { recorder.begin(at: stepStart) }
            try await sleep(until: stepStart + Int64(ramp.stepSeconds * 1_000_000))
            let span = Double(max(1, LoadClock.now - stepStart)) / 1_000_000
            let figures = figures()
            errors += figures.counts.errors
            reconnects += figures.counts.reconnects
            let offered = rate * Double(plan.typing)
            let lag = figures.lag.summary
            let step = LoadReport.Step(
                offered: offered, editsPerSecond: Double(figures.counts.acknowledgedEdits) / span,
                operationsPerSecond: Double(figures.counts.operations) / span, ack: figures.ack.summary, lag: lag,
                cpu: Double(ProcessCPU.microseconds - stepCPU) / (span * 1_000_000),
                // An edit that has not arrived has no lag yet: where many are missing, the rest says little.
                isGood: (lag?.p95 ?? .infinity) <= ramp.lagMilliseconds
                    && Double(figures.counts.acknowledgedEdits) >= 0.9 * offered * span)
            report.steps.append(step)
            tell(
                "offered \(Int(offered))/s: \(Int(step.editsPerSecond)) edits/s as \(Int(step.operationsPerSecond)) "
                    + "operations/s, lag p95 \(LoadReport.padded(lag?.p95, 0, 1)) ms, "
                    + "cpu \(LoadReport.padded(step.cpu, 0, 2))\(step.isGood ? "" : ": too much")")
            if step.isGood || report.steps.count == 1 { take(figures, into: &report) }
            guard step.isGood else { break }
            rate *= ramp.factor
            fleet.change(rate: rate)
        }
        try await fleet.stopTyping()
        let end = LoadClock.now
        for document in fleet.documents { document.ledger.end(at: end) }
        report.errors = errors
        report.reconnects = reconnects
        report.seconds = ramp.stepSeconds
        report.generatorCPU = Double(ProcessCPU.microseconds - cpu) / Double(max(1, end - begun))
        report.gapMilliseconds = longestGap
    }

    /// In milliseconds; 0 where nobody types.
    private var longestGap: Double {
        plan.typing == 0 ? 0 : Double(fleet.documents.map(\.ledger.gap).max() ?? 0) / 1_000
    }

    private func figures() -> LoadRecorder.Figures {
        var all = LoadRecorder.Figures()
        for recorder in fleet.recorders { all.add(recorder.figures) }
        return all
    }

    private func takeSecond(_ number: Int, cpu: Double) -> LoadReport.Second {
        var all = LoadRecorder.Figures()
        for recorder in fleet.recorders { all.add(recorder.takeSecond()) }
        let now = LoadClock.now
        let gap = fleet.documents.map { $0.ledger.takeSecondGap(now: now) }.max() ?? 0
        return LoadReport.Second(
            second: number, edits: all.counts.edits, acknowledgedEdits: all.counts.acknowledgedEdits,
            operations: all.counts.operations, ack: all.ack.summary, lag: all.lag.summary,
            gapMilliseconds: Double(gap) / 1_000, errors: all.counts.errors, reconnects: all.counts.reconnects,
            cpu: cpu)
    }

    private func take(_ figures: LoadRecorder.Figures, into report: inout LoadReport) {
        report.ack = figures.ack.summary
        report.lag = figures.lag.summary
        report.lateness = figures.lateness.summary
        report.edits = figures.counts.edits
        report.acknowledgedEdits = figures.counts.acknowledgedEdits
        report.operations = figures.counts.operations
        report.applied = figures.counts.applied
        report.errors = figures.counts.errors
        report.reconnects = figures.counts.reconnects
        report.resent = figures.counts.resent
    }

    private func sleep(until time: Int64) async throws {
        let wait = time - LoadClock.now
        if wait > 0 { try await Task.sleep(for: .microseconds(wait)) }
    }
}
