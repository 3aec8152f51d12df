import ArgumentParser
import SimulationCommand

/// The one executable: a node, the local cluster, the load generator, chaos, the algebra on standard input.
@main
struct Collab: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collab",
        abstract: "A cluster that serves documents which several people edit at once.",
        version: CollabVersion.text,
        subcommands: [
            NodeCommand.self, ClusterCommand.self, LoadCommand.self, FeedCommand.self, ChaosCommand.self,
            SimulateCommand.self, DeltaCommand.self,
        ])
}
