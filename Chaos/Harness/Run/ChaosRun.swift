internal import CollabModel
internal import Delta
internal import Foundation
internal import LoadGenerator
internal import LocalCluster
internal import NIOCore
internal import NIOPosix
internal import Nemeses
internal import Randomness

/// Runs a scenario: a cluster, people who type, faults; then everything is undone, the history judged and the report
/// written. Whatever happens, everything that was started is stopped.
package struct ChaosRun: Sendable {
    /// Where and how.
    package struct Options: Sendable {
        /// The directory of the report, the history and the logs.
        package var directory: String
        package var seed: UInt64
        /// Where the faults are told as annotations: the URL of a Grafana.
        package var grafana: String?
        /// What the nodes log.
        package var logLevel = "info"
        /// The command line that runs the same again.
        package var command: String

        package init(directory: String, seed: UInt64, command: String) {
            self.directory = directory
            self.seed = seed
            self.command = command
        }
    }

    private let scenario: Scenario
    private let options: Options
    private let halt: Halt
    private let tell: @Sendable (String) -> Void

    /// Prepares a run.
    ///
    /// - Parameters:
    ///   - halt: ends the load early; the report is made all the same.
    ///   - tell: takes lines about how the run goes.
    package init(
        _ scenario: Scenario, _ options: Options, halt: Halt = Halt(), tell: @escaping @Sendable (String) -> Void
    ) {
        self.scenario = scenario
        self.options = options
        self.halt = halt
        self.tell = tell
    }

    /// Runs it.
    ///
    /// - Throws: what kept the cluster or the load from starting. What goes wrong later is in the report.
    package func run() async throws -> ChaosReport {
        try FileManager.default.createDirectory(atPath: options.directory, withIntermediateDirectories: true)
        let recorder = try HistoryRecorder(path: options.directory + "/history.jsonl")
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
        var cluster = ProxiedCluster()
        cluster.nodes = scenario.nodes
        cluster.hasShiftedClocks = scenario.shiftsClocks
        cluster.logLevel = options.logLevel
        if scenario.hasBroker { cluster.services.insert(.rabbitMQ) }
        do {
            let observed = try await cluster.run(on: group, report: tell) { stage in
                do {
                    let observed = try await observe(stage, recorder, Array(group.makeIterator()))
                    keepLogs(of: stage)
                    return observed
                } catch {
                    keepLogs(of: stage)
                    throw error
                }
            }
            try await group.shutdownGracefully()
            try recorder.close()
            tell("judging the history of \(recorder.eventCount) events")
            let report = try ChaosReport(scenario, options, observed, history: HistoryFile.judge(recorder.path))
            try report.write(to: options.directory)
            if let grafana = options.grafana { await GrafanaAnnotations(url: grafana, tell: tell).post(report) }
            return report
        } catch {
            try? await group.shutdownGracefully()
            throw error
        }
    }

    // MARK: The load and the faults

    private func observe(
        _ stage: Stage, _ recorder: HistoryRecorder, _ loops: [any EventLoop]
    ) async throws -> ObservedRun {
        var seeds = SplitMix64(seed: options.seed)
        let (loadSeed, scheduleSeed, besideSeed) = (seeds.next(), seeds.next(), seeds.next())
        let nodes = await stage.cluster.nodes
        let api = ChaosAPI(recorder: recorder)
        var documents: [DocumentID] = []
        for number in 1...scenario.workload.documents {
            let content = try DocumentContent.shaped(
                characters: scenario.workload.characters, runs: scenario.workload.runs)
            documents.append(try await api.create("Chaos \(number)", content, at: nodes))
        }
        let load = try await ChaosLoad(
            scenario.workload, documents: documents, nodes: nodes, seed: loadSeed, recorder: recorder, loops: loops)
        await stage.meet(documents: documents, clients: scenario.workload.editors, crowd: load)
        try await load.open()
        tell("\(scenario.workload.editors) editors on \(documents.count) documents are connected")
        let schedule = FaultSchedule(scenario, seed: scheduleSeed)
        tellSchedule(scheduleSeed)
        let wall = Date().timeIntervalSince1970 - Double(HistoryRecorder.now) / 1e6
        let start = NIODeadline.now()
        let driver = FaultDriver(stage, recorder, halt, tell: tell)
        try await load.startTyping()
        let beside = RunBeside(stage: stage, load: load, recorder: recorder, api: api, halt: halt, tell: tell)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await driver.run(schedule, from: start, before: scenario.duration) }
            group.addTask { await beside.run(scenario.workload, from: start, seed: besideSeed) }
            if let duration = scenario.duration {
                _ = await halt.wait(until: start + TimeAmount(duration))
                halt.stop()
            }
            await group.waitForAll()
        }
        try Task.checkCancellation()
        let seconds = Double((NIODeadline.now() - start).nanoseconds) / 1e9
        try await load.stopTyping()
        tell("every fault is undone; waiting until every edit is durable and with everybody")
        var late = try await load.settle(within: scenario.settle)
        try await load.recordHoldings()
        let dead = try await stage.deadNodes().map(\.text)
        try await load.leave()
        let log = LogReading(postgres: stage.cluster.postgres, recorder: recorder)
        var heads: [DocumentID: Int] = [:]
        for document in documents { heads[document] = try await log.readWhole(document) }
        if scenario.hasBroker {
            let feed = FeedReading(url: stage.cluster.rabbitMQ.url, queue: ClusterPlan.feedQueue)
            late += try await feed.missing(of: heads, within: scenario.settle)
        }
        return ObservedRun(
            startedAt: Int64(start.uptimeNanoseconds / 1_000), wallOffset: wall, seconds: seconds,
            faults: driver.records, counts: load.figures.counts, acks: load.figures.acks, late: late,
            deadNodes: dead, presence: load.presenceOfVanished)
    }

    private func tellSchedule(_ seed: UInt64) {
        tell("seed \(options.seed)")
        guard let duration = scenario.duration else {
            tell("faults are drawn until told to stop (Ctrl-C)")
            return
        }
        for fault in FaultSchedule.faults(of: scenario, seed: seed, before: duration) { tell("planned \(fault)") }
    }

    /// The logs of the processes, which go with the cluster.
    private func keepLogs(of stage: Stage) {
        let place = options.directory + "/logs"
        let source = stage.cluster.directory.path + "/logs"
        try? FileManager.default.removeItem(atPath: place)
        do { try FileManager.default.copyItem(atPath: source, toPath: place) } catch {
            tell("the logs could not be kept: \(error)")
        }
    }
}

/// What a run has seen, beside its history.
struct ObservedRun: Sendable {
    /// When the load began, on the clock of the history.
    var startedAt: Int64
    /// What the wall clock was ahead of that of the history, in seconds since 1970.
    var wallOffset: Double
    var seconds: Double
    var faults: [FaultRecord]
    var counts: LoadFigures.Counts
    var acks: [LoadFigures.Ack]
    /// What had not come about when everything should have settled.
    var late: [String]
    /// Nodes that ended by themselves.
    var deadNodes: [String]
    var presence: [(number: Int, lasting: Duration?)]
}
