import ArgumentParser
import CollabModel
import Foundation
import Logging
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
        let settings: NodeSettings
        do { settings = try await NodeSettings.read(options) } catch {
            throw ValidationError("\(error)")
        }
        LoggingSystem.bootstrap { label in
            JSONLogHandler(label: label, serverID: settings.id.text, level: settings.logLevel)
        }
        let logger = Logger(label: "collab.node")
        do {
            try await NodeProcess(settings, logger: logger).run()
        } catch {
            logger.critical("the node ends", metadata: ["event": "node_failed", "reason": "\(error)"])
            throw ExitCode.failure
        }
    }
}
