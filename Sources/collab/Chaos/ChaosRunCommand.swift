internal import ArgumentParser
internal import ChaosHarness
internal import Foundation
internal import LocalCluster

/// `collab chaos run`.
struct ChaosRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Starts a cluster, lets people type and things fail, and checks every promise.",
        discussion: """
            Everything is private, on loopback, and stopped at the end. The first Ctrl-C ends the load, undoes the faults \
            and makes the report; the second ends everything. The exit status is 0 when everything held, 1 when not.
            """)

    @Argument(help: "The name of a scenario (`collab chaos list`), or a YAML file.") var scenario: String
    @Option(help: "Decides the faults, whom they meet, and what is typed. Drawn by chance, and told, without it.")
    var seed: UInt64?
    @Option(help: "How long people type, such as 20s or 1h; instead of what the scenario says.") var duration: String?
    @Option(help: "The directory of the report, the history and the logs. Default: .run/chaos/NAME-SEED.")
    var output: String?
    @Option(help: "The URL of a Grafana that is told of the faults (token: GRAFANA_TOKEN).") var grafana: String?
    @Option(help: "What the nodes log: trace, debug, info, notice, warning, error, critical.") var logLevel = "info"
    @Flag(help: "Show nothing but the verdicts.") var quiet = false

    func run() async throws {
        var plan: Scenario
        do {
            plan = try ScenarioLibrary.scenario(scenario)
            if let duration { plan.duration = try Scenario.duration(duration) }
        } catch {
            throw ValidationError("\(error)")
        }
        let seed = seed ?? UInt64.random(in: 1...999_999_999)
        var words = ["collab", "chaos", "run", scenario, "--seed", String(seed)]
        if let duration { words += ["--duration", duration] }
        let directory = output ?? "\(RunDirectory.standard.path)/chaos/\(plan.name)-\(seed)"
        var options = ChaosRun.Options(directory: directory, seed: seed, command: words.joined(separator: " "))
        options.grafana = grafana
        options.logLevel = logLevel
        let halt = Halt()
        let shows = !quiet
        let run = ChaosRun(plan, options, halt: halt) { line in
            if shows { Console.error(line) }
        }
        let outcome = Outcome()
        let interrupted = try await Interruption.cancellingAtSecond(
            first: {
                Console.error("\nending the load; Ctrl-C again ends everything without a report")
                halt.stop()
            },
            {
                do { await outcome.set(try await run.run()) } catch is CancellationError {} catch {
                    Console.error("the run failed: \(error)")
                    throw ExitCode.failure
                }
            })
        guard let report = await outcome.report else { throw ExitCode(interrupted ? 130 : 1) }
        for line in report.text { Console.line(line) }
        Console.line("report: \(directory)/report.html")
        if !report.isSound { throw ExitCode.failure }
    }

    private actor Outcome {
        private(set) var report: ChaosReport?
        func set(_ report: ChaosReport) { self.report = report }
    }
}
