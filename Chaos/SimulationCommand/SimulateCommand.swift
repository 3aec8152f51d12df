package import ArgumentParser
internal import ClusterSimulation
internal import Foundation

#if MUTANTS
    internal import CollabModel
#endif

/// `collab simulate`.
package struct SimulateCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "simulate",
        abstract: "Runs the cluster's own code on a seeded scheduler and a virtual clock, under faults.",
        discussion: """
            Each seed is a cluster of its own: nodes, editors, servers, network and faults are drawn from it, and the \
            same seed does the same every time. What the editors saw is judged as `collab chaos check` judges real \
            clusters. The exit status is 0 when no promise is broken, else 1.
            """)

    @Option(help: "Seeds: 7, 1-1000, 1…1000, 3,5,10-20.") var seeds = "1-20"
    @Option(help: "Virtual hours of each seed.") var hours = 1.0
    @Option(help: "Processes at the same time.") var jobs = 2
    @Option(help: "Begins no further seed after so many real minutes.") var minutes: Double?
    @Flag(inversion: .prefixedNo, help: "Shorten what fails to the shortest prefix of faults that still fails.")
    var shorten = true
    @Option(help: "Run this seed alone and tell what happens.") var replay: UInt64?
    @Option(help: "With --replay: only so many faults, and no further than the next one.") var faults: Int?
    @Option(help: "With --replay: tell nothing before this virtual second.") var from = 0.0
    @Option(help: "With --replay: the run's faults end at this virtual second.") var until: Double?
    @Option(parsing: .upToNextOption, help: "Play transcripts and compare.") var transcripts: [String] = []
    @Flag(help: "With --transcripts: write what happened into the files.") var write = false
    @Flag(help: "Run each seed twice and compare what happened.") var twice = false
    @Flag(help: .hidden) var worker = false
    #if MUTANTS
        @Option(parsing: .upToNextOption, help: "Defects to switch on.") var mutant: [String] = []
        @Flag(help: "Switch on each defect in turn, and say how long it takes to be found.") var mutants = false
    #endif

    package init() {}

    package func validate() throws {
        guard SeedRange(seeds) != nil else { throw ValidationError("--seeds \(seeds) is not a range of seeds") }
        guard hours > 0, jobs > 0, (faults ?? 0) >= 0 else { throw ValidationError("--hours and --jobs are positive") }
    }

    package func run() throws {
        #if MUTANTS
            try Mutant.switchOn(mutant)
            if mutants, !worker { return try findMutants() }
        #endif
        if worker { return SimulationWorker.serve() }
        if !transcripts.isEmpty { return try play() }
        if let replay { return try tell(replay) }
        guard let range = SeedRange(seeds) else { return }
        let report = campaign(range).run()
        for line in report.lines { SimulationWorker.write(line) }
        if twice {
            let again = campaign(range).run()
            guard again.hash == report.hash else {
                SimulationWorker.write("FAILED: another trace hash the second time: \(String(again.hash, radix: 16))")
                throw ExitCode.failure
            }
            SimulationWorker.write("the same trace hash the second time")
        }
        if !report.failures.isEmpty || report.seeds == 0 { throw ExitCode.failure }
    }

    private func campaign(_ range: SeedRange) -> Campaign {
        Campaign(
            seeds: range, hours: hours, jobs: jobs, workerArguments: words + ["--worker"] + passedOn, minutes: minutes,
            shortens: shorten, say: { SimulationWorker.write($0) })
    }

    /// The words before the options: this program may be `collab simulate` or stand alone.
    var words: [String] { CommandLine.arguments.dropFirst().first == "simulate" ? ["simulate"] : [] }

    /// What workers are told beside what to run.
    private var passedOn: [String] {
        #if MUTANTS
            mutant.isEmpty ? [] : ["--mutant"] + mutant
        #else
            []
        #endif
    }

    private func tell(_ seed: UInt64) throws {
        guard SimulationWorker.isDeterministic else {
            throw ExitCode(try WorkerProcess.again(Array(CommandLine.arguments.dropFirst())))
        }
        var plan = SeedRequest(seed: seed, hours: hours, faults: faults).plan
        if let until { plan.duration = min(plan.duration, Int64(until * 1_000_000)) }
        let begins = Int64(from * 1_000_000)
        let final = plan
        let result = Result()
        SimulationWorker.onSimulationThread {
            result.outcome = Simulation.run(final) { time, line in
                if time >= begins { SimulationWorker.write("\(TranscriptTime(time)) \(line)") }
            }
        }
        guard let outcome = result.outcome else { throw ExitCode.failure }
        var report = CampaignReport()
        report.add(outcome)
        for line in report.lines.dropLast() { SimulationWorker.write(line) }
        for violation in outcome.violations {
            SimulationWorker.write("\(TranscriptTime(violation.time)) \(violation.promise): \(violation.message)")
        }
        if !outcome.violations.isEmpty { throw ExitCode.failure }
    }

    private func play() throws {
        guard SimulationWorker.isDeterministic else {
            throw ExitCode(try WorkerProcess.again(Array(CommandLine.arguments.dropFirst())))
        }
        var differs = false
        for path in transcripts {
            let expected = TranscriptFile(try String(contentsOfFile: path, encoding: .utf8))
            let result = Played()
            SimulationWorker.onSimulationThread { result.transcript = expected.played() }
            guard let played = result.transcript else { throw ExitCode.failure }
            if write {
                try played.text.write(toFile: path, atomically: true, encoding: .utf8)
            } else if let difference = played.difference(from: expected) {
                SimulationWorker.write("\(path): \(difference)")
                differs = true
            } else {
                SimulationWorker.write("\(path): as written")
            }
        }
        if differs { throw ExitCode.failure }
    }

    /// As ``Result``.
    private final class Played: @unchecked Sendable {
        var transcript: TranscriptFile?
    }

    /// Handed from the simulation's thread to the one that waits for it; sound, because it waits.
    private final class Result: @unchecked Sendable {
        var outcome: SimulationOutcome?
    }
}
