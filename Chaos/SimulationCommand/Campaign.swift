internal import ClusterSimulation
internal import Foundation
internal import Synchronization

/// Many seeds on several processes of this program.
final class Campaign: Sendable {
    private struct State {
        var next: UInt64 = 0
        var report = CampaignReport()
        var told = ContinuousClock.now
    }

    /// What a run leaves behind stays in its worker's memory, which is therefore given back after so many seeds.
    private static let seedsOfWorker = 100
    /// How often a campaign that takes long says how far it is.
    private static let tellEvery = Duration.seconds(60)

    private let seeds: SeedRange
    private let hours: Double
    private let jobs: Int
    private let workerArguments: [String]
    private let deadline: ContinuousClock.Instant?
    private let shortens: Bool
    private let say: @Sendable (String) -> Void
    private let state = Mutex(State())

    init(
        seeds: SeedRange, hours: Double, jobs: Int, workerArguments: [String], minutes: Double?, shortens: Bool,
        say: @escaping @Sendable (String) -> Void
    ) {
        self.seeds = seeds
        self.hours = hours
        self.jobs = jobs
        self.workerArguments = workerArguments
        self.shortens = shortens
        self.say = say
        deadline = minutes.map { ContinuousClock.now + .seconds($0 * 60) }
    }

    /// Runs all seeds, or as many as the time allows.
    func run() -> CampaignReport {
        let started = ContinuousClock.now
        DispatchQueue.concurrentPerform(iterations: jobs) { _ in
            let worker = WorkerProcess(arguments: workerArguments)
            var seedsRun = 0
            while let seed = nextSeed() {
                run(seed, worker)
                seedsRun += 1
                if seedsRun.isMultiple(of: Self.seedsOfWorker) { worker.stop() }
                tellProgress()
            }
            worker.stop()
        }
        var report = state.withLock { $0.report }
        report.real = ContinuousClock.now - started
        return report
    }

    private func nextSeed() -> UInt64? {
        if let deadline, ContinuousClock.now >= deadline { return nil }
        return state.withLock { state in
            defer { state.next += 1 }
            return seeds[state.next]
        }
    }

    private func tellProgress() {
        let report = state.withLock { state -> CampaignReport? in
            guard ContinuousClock.now - state.told >= Self.tellEvery else { return nil }
            state.told = .now
            return state.report
        }
        if let report { say(report.progress(of: seeds.count)) }
    }

    private func run(_ seed: UInt64, _ worker: WorkerProcess) {
        let request = SeedRequest(seed: seed, hours: hours)
        let answer = worker.run(request)
        let failure = Failure(answer, of: request)
        state.withLock { state in
            if case .outcome(let outcome) = answer { state.report.add(outcome) }
            if failure != nil { state.report.failures.append(seed) }
        }
        guard let failure else { return }
        say(failure.description)
        guard shortens else { return }
        var scheduled = 4_096
        if case .outcome(let outcome) = answer { scheduled = outcome.scheduledFaults }
        let shortest = shorten(failure, scheduled, worker)
        say(
            "seed \(seed): shortest prefix that fails: \(shortest.request.faults.map { "\($0) faults" } ?? "all of it")"
                + "\n  \(shortest.words)\n  again: collab simulate --replay \(seed) --hours \(hours)"
                + (shortest.request.faults.map { " --faults \($0)" } ?? ""))
    }

    /// The shortest prefix of the faults with which the seed still fails, by halving.
    private func shorten(_ failure: Failure, _ scheduled: Int, _ worker: WorkerProcess) -> Failure {
        var shortest = failure
        var passes = -1
        var fails = scheduled
        while fails - passes > 1 {
            let middle = (passes + fails) / 2
            let request = SeedRequest(seed: failure.request.seed, hours: hours, faults: middle)
            if let found = Failure(worker.run(request), of: request) {
                shortest = found
                fails = middle
            } else {
                passes = middle
            }
        }
        return shortest
    }
}

/// A run that broke a promise.
struct Failure: CustomStringConvertible {
    var request: SeedRequest
    var words: String

    /// `nil`: nothing was broken.
    init?(_ answer: WorkerProcess.Answer, of request: SeedRequest) {
        self.request = request
        switch answer {
        case .crashed(let message): words = "crash: \(message)"
        case .outcome(let outcome):
            guard !outcome.violations.isEmpty else { return nil }
            words =
                outcome.violations.prefix(6).map {
                    "\($0.promise) at \(Double($0.time) / 1_000_000) s: \($0.message)"
                }.joined(separator: "\n  ") + "\n  trace hash \(String(outcome.traceHash, radix: 16))"
        }
    }

    var description: String { "seed \(request.seed) FAILED\n  \(words)" }
}
