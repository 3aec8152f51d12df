import ArgumentParser
import ClusterRuntime
import CollabModel
import Foundation
import Logging
import RuntimePorts
import Telemetry

/// `collab node`: one node of a cluster, until SIGTERM or SIGINT.
struct NodeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "node", abstract: "Runs one node of a cluster.",
        discussion: """
            Every setting can also be given in the environment (--peer-port is COLLAB_PEER_PORT) or in a JSON file named by \
            --config ({"collab": {"peer-port": 4001}}).
            """)

    @OptionGroup var options: NodeOptions

    func run() async throws {
        #if MUTANTS
            // A node with a defect, for live chaos: names with spaces between.
            let defects = ProcessInfo.processInfo.environment["COLLAB_DEFECTS"] ?? ""
            try Mutant.switchOn(defects.split(separator: " ").map(String.init))
        #endif
        let settings: NodeSettings
        do { settings = try await NodeSettings.read(options) } catch {
            Console.error("error: \(error)")
            throw ExitCode.validationFailure
        }
        let clock = SystemRuntimeClock()
        let metrics = NodeMetrics(node: settings.id, version: CollabVersion.text, clock: clock)
        let control = LogControl(level: settings.logLevel, clock: clock) { metrics.logLineSuppressed() }
        LoggingSystem.bootstrap { label in
            JSONLogHandler(
                label: label, serverID: settings.id.text, version: CollabVersion.text, control: control)
        }
        let logger = Logger(label: "collab.node")
        let levels = await LogLevelService(control, logger: logger) { try await NodeSettings.read(options).logLevel }
        do {
            try await NodeProcess(settings, metrics: metrics, levels: levels, logger: logger).run()
        } catch {
            logger.critical("the node ends", error: error, metadata: ["event": "node_failed"])
            throw ExitCode.failure
        }
    }
}
