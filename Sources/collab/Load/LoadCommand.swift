internal import ArgumentParser
internal import CollabModel
internal import Foundation
internal import LoadGenerator
internal import LocalCluster

/// `collab load`.
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Types on documents of a cluster, measures, and checks that nothing was lost or doubled.",
        discussion: """
            Edits are due at fixed times whether or not earlier ones were acknowledged, and latency counts from then. \
            The exit status is 0 when all editors agree with the log and nothing is lost or doubled, else 1.
            """)

    @Option(
        parsing: .upToNextOption,
        help: "URLs of nodes (http or ws); editors are spread over them (default: the local cluster's nodes).")
    var url: [String] = []
    @Option(help: "The number of editors.") var editors = 50
    @Option(help: "The number of documents that are created; editors are spread over them.") var documents = 1
    @Option(parsing: .upToNextOption, help: "Ids of existing documents to use instead.") var document: [String] = []
    @Option(help: "Edits in a second, of each editor that types.") var rate = 5.0
    @Option(help: "Seconds that are measured (default: 30; a trace is typed to its end).") var duration: Double?
    @Option(help: "Seconds of typing before the measurement.") var warmUp = 2.0
    @Option(help: "How many of the editors type; the others watch.") var typists: Int?
    @Option(help: "UTF-16 units of a new document.") var characters = 0
    @Option(help: "Formatted runs that a new document is divided into.") var runs = 1
    @Option(help: "A recorded session to type (.json or .json.gz): one editor for each of its people.") var trace:
        String?
    @Flag(help: "Raise the rate step by step until the sync lag is too long.") var ramp = false
    @Option(help: "The longest p95 of the sync lag of a good step of --ramp, in milliseconds.") var maxLag = 100.0
    @Option(help: "What --ramp multiplies the rate with.") var rampFactor = 1.5
    @Option(help: "Seconds of a step of --ramp.") var rampStep = 5.0
    @Flag(help: "Send cursors too.") var presence = false
    @Option(help: "Of the edits and their times.") var seed: UInt64 = 1
    @Option(help: "Event loops; the editors of a document share one.") var threads = 1
    @Option(help: "A JWT for clusters with authentication.") var token: String?
    @Option(help: "Seconds that everything may take to be durable and with everybody.") var settle = 60.0
    @Option(help: "Write the figures to this file as JSON; - is standard output.") var json: String?
    @Flag(inversion: .prefixedNo, help: "Show a line each second.") var progress = true
    @Flag(help: "Show nothing but errors.") var quiet = false

    func validate() throws {
        guard editors > 0, documents > 0, threads > 0, runs > 0 else {
            throw ValidationError("--editors, --documents, --threads and --runs are positive")
        }
        guard rate.isFinite, rate >= 0, warmUp.isFinite, warmUp >= 0, characters >= 0 else {
            throw ValidationError("--rate, --warm-up and --characters are numbers that are not negative")
        }
        for text in url {
            guard let parsed = URL(string: text), ["http", "https", "ws", "wss"].contains(parsed.scheme),
                parsed.host()?.isEmpty == false
            else { throw ValidationError("\(text) is no URL of a node, such as http://127.0.0.1:3001") }
        }
        if let json, json != "-", !FileManager.default.createFile(atPath: json, contents: nil) {
            throw ValidationError("\(json) cannot be written")
        }
        guard (duration ?? 1) > 0, rampFactor > 1, rampStep > 0, settle > 0 else {
            throw ValidationError("--duration, --ramp-step and --settle are positive, --ramp-factor is above 1")
        }
        for text in document where DocumentID(text) == nil { throw ValidationError("\(text) is no document id") }
    }

    func run() async throws {
        let shows = progress && !quiet
        let run = LoadRun(plan(of: url.isEmpty ? await Self.localNodes() : url)) { line in
            if shows { Console.error(line) }
        }
        let outcome = Outcome()
        let interrupted = try await Interruption.cancelling {
            do {
                await outcome.set(try await run.run())
            } catch let error as CancellationError {
                throw error
            } catch {
                Console.error("the load could not be run: \(error)")
                throw ExitCode.failure
            }
        }
        guard !interrupted, let report = await outcome.report else { throw ExitCode(130) }
        if let json {
            let bytes = Data(report.jsonUTF8 + [10])
            if json == "-" {
                try FileHandle.standardOutput.write(contentsOf: bytes)
            } else {
                try bytes.write(to: URL(fileURLWithPath: json))
            }
        }
        if !quiet {
            for line in report.table {
                if json == "-" { Console.error(line) } else { Console.line(line) }
            }
        }
        if !report.isSound { throw ExitCode.failure }
    }

    private actor Outcome {
        private(set) var report: LoadReport?
        func set(_ report: LoadReport) { self.report = report }
    }

    /// The nodes of the local cluster, so that editors have somewhere to go when one is killed.
    private static func localNodes() async -> [String] {
        let nodes = try? await LocalCluster.open(.standard).nodes
        return nodes.flatMap { $0.isEmpty ? nil : $0.map(\.url) } ?? ["http://127.0.0.1:\(ClusterPorts().node)"]
    }

    private func plan(of urls: [String]) -> LoadPlan {
        var plan = LoadPlan(urls: urls)
        plan.editors = editors
        plan.documents = documents
        plan.existing = document.compactMap { DocumentID($0) }
        plan.rate = rate
        plan.duration = duration ?? (trace == nil ? 30 : 86_400)
        plan.endsWithTrace = trace != nil
        plan.warmUp = trace == nil ? warmUp : 0
        plan.typists = typists
        plan.characters = characters
        plan.runs = runs
        plan.tellsPresence = presence
        plan.seed = seed
        plan.threads = threads
        plan.token = token
        plan.trace = trace
        plan.settleWithin = settle
        if ramp {
            var steps = LoadRamp()
            steps.lagMilliseconds = maxLag
            steps.factor = rampFactor
            steps.stepSeconds = rampStep
            plan.ramp = steps
        }
        return plan
    }
}
